package tabular

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"github.com/stretchr/testify/require"
)

// TestDialPlanAgreesWithTheLibrary tries numbers near valid ones: examples with some digits changed, cut or added.
func TestDialPlanAgreesWithTheLibrary(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(1, 2))
	for _, country := range []string{"BD", "IN", "PK", "LK", "NP", "DE", "FR", "BR", "NG", "KE", "ID", "VN", "PH", "ZA"} {
		plan := dialPlanOf(country)
		require.NotEmpty(t, plan.types, country)
		example := strconv.FormatUint(
			phonenumbers.GetExampleNumberForType(country, phonenumbers.MOBILE).GetNationalNumber(), 10)
		for range 500 {
			digits := []byte(example)[:max(1, len(example)-dice.IntN(2))]
			for range dice.IntN(4) {
				digits[dice.IntN(len(digits))] = byte('0' + dice.IntN(10))
			}
			if dice.IntN(4) == 0 {
				digits = append(digits, byte('0'+dice.IntN(10)))
			}
			if digits[0] == '0' {
				continue // the plan leaves these to the library
			}
			number, err := phonenumbers.Parse(plan.plus+string(digits), country)
			want := err == nil && phonenumbers.IsValidNumber(number)
			require.Equal(t, want, plan.isValid(digits), "%s %s", country, digits)
		}
	}
}
