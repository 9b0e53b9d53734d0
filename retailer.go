package retailq

import "time"

// Retailer is a shop that a tenant sells to. Its key is (TenantID, UID).
type Retailer struct {
	ID       ID     `json:"id"`
	TenantID ID     `json:"tenant_id"`
	UID      string `json:"uid"`
	Name     string `json:"name"`
	// Phone is in E.164 form: "+8801712345678".
	Phone   string `json:"phone,omitempty"`
	Region  string `json:"region,omitempty"`
	Area    string `json:"area,omitempty"`
	Address string `json:"address,omitempty"`
	// CreditLimit and Outstanding are exact decimals with two places, in the tenant's currency.
	CreditLimit    string     `json:"credit_limit"`
	Outstanding    string     `json:"outstanding"`
	Active         bool       `json:"active"`
	LastActivityAt *time.Time `json:"last_activity_at,omitempty"`
	CreatedAt      time.Time  `json:"created_at"`
	UpdatedAt      time.Time  `json:"updated_at"`
}
