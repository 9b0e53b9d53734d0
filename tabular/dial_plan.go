package tabular

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// dialPlan is how plain numbers of one country are told to be valid. It asks what phonenumbers.IsValidNumber asks, with
// the library's own patterns; the library puts each pattern together anew for each number, which costs more than all
// other work on a record. Whatever the plan does not accept is left to the library.
type dialPlan struct {
	callingCode int
	plus        string // "+880"
	trunk       string // "0", before a number that is dialled within the country
	general     numberRule
	types       []numberRule // mobile first, as most retailers have one
}

// numberRule is what numbers of one type look like, without prefixes.
type numberRule struct {
	lengths []int32 // in digits; empty for any
	pattern *regexp.Regexp
}

// dialPlans keeps plans by country: a plan takes milliseconds to make, and every chunk of a file asks for one.
var dialPlans sync.Map

func dialPlanOf(country string) dialPlan {
	if known, ok := dialPlans.Load(country); ok {
		if plan, ok := known.(dialPlan); ok {
			return plan
		}
	}
	plan := newDialPlan(country)
	dialPlans.Store(country, plan)
	return plan
}

// newDialPlan returns a plan that accepts nothing for a country that is unknown, or shares its calling code with
// others: there, the number decides which country's patterns count.
func newDialPlan(country string) dialPlan {
	code := phonenumbers.GetCountryCodeForRegion(country)
	if code == 0 || len(phonenumbers.GetRegionCodesForCountryCode(code)) != 1 {
		return dialPlan{}
	}
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		return dialPlan{}
	}
	plan := dialPlan{
		callingCode: code, plus: "+" + strconv.Itoa(code), trunk: phonenumbers.GetNddPrefixForRegion(country, true),
	}
	for _, m := range all.GetMetadata() {
		if m.GetId() != country {
			continue
		}
		plan.general, _ = ruleOf(m.GetGeneralDesc())
		for _, d := range []*phonenumbers.PhoneNumberDesc{
			m.GetMobile(), m.GetFixedLine(), m.GetTollFree(), m.GetPremiumRate(), m.GetSharedCost(), m.GetVoip(),
			m.GetPersonalNumber(), m.GetPager(), m.GetUan(), m.GetVoicemail(),
		} {
			if rule, ok := ruleOf(d); ok {
				plan.types = append(plan.types, rule)
			}
		}
	}
	return plan
}

// ruleOf reports false for a type of number that the country does not have.
func ruleOf(d *phonenumbers.PhoneNumberDesc) (numberRule, bool) {
	pattern, err := regexp.Compile("^(?:" + d.GetNationalNumberPattern() + ")$")
	if err != nil || d.GetNationalNumberPattern() == "" || d.GetNationalNumberPattern() == "NA" {
		return numberRule{}, false
	}
	return numberRule{lengths: d.GetPossibleLength(), pattern: pattern}, true
}

func (r numberRule) matches(national []byte) bool {
	return r.pattern != nil && r.pattern.Match(national) &&
		(len(r.lengths) == 0 || slices.Contains(r.lengths, int32(len(national))))
}

// national is what follows the prefix in a number of the country, or nil if it has neither prefix.
func (d *dialPlan) national(digits []byte) []byte {
	if d.callingCode == 0 {
		return nil
	}
	for _, prefix := range []string{d.plus, d.trunk} {
		if rest, ok := bytes.CutPrefix(digits, []byte(prefix)); ok && prefix != "" && len(rest) > 0 && rest[0] != '0' {
			return rest
		}
	}
	return nil
}

func (d *dialPlan) isValid(national []byte) bool {
	if len(national) == 0 || !d.general.matches(national) {
		return false
	}
	return slices.ContainsFunc(d.types, func(r numberRule) bool { return r.matches(national) })
}
