package jobs

import "retailq/tabular"

// Retailers describes the files from which retailers are imported.
var Retailers = tabular.Schema{
	Dataset: "retailers",
	Key:     "uid",
	Columns: []tabular.Column{
		{Name: "uid", Type: tabular.Key, Required: true, Aliases: []string{
			"retailer uid", "retailer code", "retailer id", "outlet code", "outlet id", "shop code", "shop id",
			"customer code", "customer id", "code", "id",
		}},
		{Name: "name", Type: tabular.Text, Required: true, Aliases: []string{
			"retailer name", "retailer", "outlet name", "outlet", "shop name", "shop", "store name", "customer name",
		}},
		{Name: "phone", Type: tabular.Phone, Aliases: []string{
			"phone number", "phone no", "mobile", "mobile number", "mobile no", "msisdn", "contact number", "contact", "tel",
			"telephone",
		}},
		{Name: "region", Type: tabular.Text, Max: 120, Aliases: []string{"region name", "division", "zone"}},
		{Name: "area", Type: tabular.Text, Max: 120, Aliases: []string{"area name", "territory", "district", "thana"}},
		{Name: "address", Type: tabular.Text, Max: 1000, Aliases: []string{
			"street address", "full address", "shop address", "location",
		}},
		{Name: "credit_limit", Type: tabular.Money, NonNegative: true, Aliases: []string{"credit", "limit", "credit line"}},
		{Name: "active", Type: tabular.Bool, Aliases: []string{"is active", "status", "enabled"}},
		{Name: "last_activity_at", Type: tabular.Time, Aliases: []string{
			"last activity", "last active", "last active at", "last activity date", "last order", "last order date",
		}},
	},
}

// Names of the columns that take part in more than being stored.
const (
	regionColumn = "region"
	areaColumn   = "area"
)
