package storage_test

import (
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/storage"
)

func id(t testing.TB, s string) retailq.ID {
	t.Helper()
	parsed, err := retailq.ParseID(s)
	require.NoError(t, err)
	return parsed
}

const (
	idA = "0192aaaa-0000-7000-8000-00000000000a"
	idB = "0192bbbb-0000-7000-8000-00000000000b"
)

func TestKey(t *testing.T) {
	t.Parallel()
	tenant := id(t, idA)
	long := strings.Repeat("x", 300)
	for _, test := range []struct {
		parts []string
		want  string
	}{
		{[]string{"uploads", "u1", "retailers.csv"}, "uploads/u1/retailers.csv"},
		{[]string{"uploads", "my file (2).csv"}, "uploads/my_file__2_.csv"},
		{[]string{"uploads", "দোকান তালিকা.csv"}, "uploads/দোকান_তালিকা.csv"},
		{[]string{"uploads", "../../etc/passwd"}, "uploads/_._.._etc_passwd"},
		{[]string{"uploads", ".."}, "uploads/_."},
		{[]string{"uploads", ""}, "uploads/_"},
		{[]string{"uploads", ".hidden"}, "uploads/_hidden"},
		{[]string{"uploads", "a\\b\x00c%2e.csv"}, "uploads/a_b_c_2e.csv"},
		{[]string{"uploads", "\xff\xfe.csv"}, "uploads/_.csv"},
		{[]string{"uploads", long + ".csv"}, "uploads/" + long[:116] + ".csv"},
		{[]string{"uploads", "a." + long}, "uploads/a." + long[:118]},
	} {
		got := storage.Key(tenant, test.parts...)
		require.Equal(t, "tenants/"+idA+"/"+test.want, got)
		require.True(t, storage.Owns(tenant, got))
	}
	require.Equal(t, "platform/x", storage.Key(retailq.ID{}, "x"))
}

func TestOwns(t *testing.T) {
	t.Parallel()
	a := "tenants/" + idA + "/"
	for _, key := range []string{
		"x", "uploads/u/f.csv", "uploads/a b.csv", "100%.csv", "..x", "x..", "...", "%41",
	} {
		require.True(t, storage.Owns(id(t, idA), a+key), key)
	}
	for _, key := range []string{
		"", "/", "tenants", a, strings.TrimSuffix(a, "/"), "/" + a + "x", "./" + a + "x", a + "/x", a + "x/", a + "x//y",
		"tenants/" + idA + "0/x", "tenants/" + idA[:35] + "/x", "tenants/" + idB + "/x", "tenants//x",
		"Tenants/" + idA + "/x", "tenants/" + strings.ToUpper(idA) + "/x", "platform/x",
		a + ".", a + "..", a + "./x", a + "../x", a + "../" + idB + "/x", a + "x/../../" + idB + "/y", a + "x/..",
		a + "%2e%2e/" + idB + "/x", a + "%2E./" + idB + "/x", a + "..%2f" + idB, a + "x%5cy", a + "x%00",
		a + `..\` + idB + `\x`, a + `x\y`, a + "x\x00", a + "x\ny", a + "\xff",
	} {
		require.False(t, storage.Owns(id(t, idA), key), key)
	}
	require.False(t, storage.Owns(retailq.ID{}, "tenants//x"), "nobody's")
	require.False(t, storage.Owns(retailq.ID{}, "platform/x"), "the platform is no tenant")
}

func FuzzKeys(f *testing.F) {
	f.Add("../x", "tenants/"+idA+"/../"+idB+"/x")
	f.Add("%2e%2e", "tenants/"+idA+"/%2e%2e/x")
	f.Fuzz(func(t *testing.T, part, key string) {
		a, b := id(t, idA), id(t, idB)
		made := storage.Key(a, "uploads", part)
		require.True(t, storage.Owns(a, made), "what Key makes is the tenant's: %q", made)
		require.True(t, utf8.ValidString(made))
		require.Len(t, strings.Split(made, "/"), 4)
		if storage.Owns(a, key) {
			require.False(t, storage.Owns(b, key))
			require.Equal(t, key, path.Clean(key), "nothing to resolve")
			require.True(t, strings.HasPrefix(path.Clean("/"+key), "/tenants/"+idA+"/"))
		}
	})
}
