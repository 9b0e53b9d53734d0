package ops

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
)

func TestEmailIsAnAddressAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, email := range []string{"a@example.com", " a@example.com\n"} {
		n := NewUser{Email: email, Password: "long enough", Role: retailq.Operator}
		require.NoError(t, n.validate(), email)
	}
	for _, email := range []string{"", "a", "Ann <a@example.com>", "<a@example.com>", "a@example.com, b@example.com"} {
		n := NewUser{Email: email, Password: "long enough", Role: retailq.Operator}
		requireCode(t, n.validate(), retailq.ErrInvalid, "email_invalid")
	}
}

func TestSignInsBeyondTheQueueAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range parallelLogins + waitingLogins {
		b.queuedLogins <- struct{}{}
	}
	_, err := b.SignIn(t.Context(), "a@example.com", "wrong")
	requireCode(t, err, retailq.ErrThrottled, "too_many_sign_ins")
	<-b.queuedLogins
	_, err = b.SignIn(t.Context(), "a@example.com", "wrong")
	requireCode(t, err, retailq.ErrUnauthenticated, "credentials_wrong")
}

func TestSlugsAreNoIDs(t *testing.T) {
	t.Parallel()
	for slug, want := range map[string]bool{
		"demo": true, "a-1": true, "": false, "-a": false, "A": false, "x y": false, strings.Repeat("a", 64): false,
		retailq.NewID().String(): false,
	} {
		require.Equal(t, want, validSlug(slug), slug)
	}
}
