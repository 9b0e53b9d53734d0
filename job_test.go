package retailq_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
)

func TestFinishedStates(t *testing.T) {
	t.Parallel()
	var finished []retailq.State
	for _, state := range retailq.States() {
		if state.Finished() {
			finished = append(finished, state)
		}
	}
	require.Equal(t, []retailq.State{retailq.Cancelled, retailq.Succeeded, retailq.Failed}, finished)
}

func TestCloneOfCountersIsIndependent(t *testing.T) {
	t.Parallel()
	sum := retailq.Counters{"read": 1}
	copied := sum.Clone()
	sum["read"] = 3
	require.Equal(t, retailq.Counters{"read": 1}, copied, "a clone is independent")
	require.NotNil(t, retailq.Counters(nil).Clone())
}

func TestRolesOfThePlatform(t *testing.T) {
	t.Parallel()
	for role, want := range map[retailq.Role]bool{
		retailq.PlatformAdmin: true, retailq.Operator: true, retailq.TenantAdmin: false, retailq.Viewer: false,
	} {
		require.Equal(t, want, role.OfPlatform(), role)
	}
}

func TestActor(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a@example.com", retailq.Principal{Email: "a@example.com"}.Actor())
	require.Equal(t, "system", retailq.Principal{}.Actor())
}
