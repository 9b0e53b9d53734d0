package store_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"retailq"
	"retailq/store"
	"retailq/store/storetest"
)

// Whatever text a cell holds arrives in the database as it is, through the real COPY.
func TestCopiedTextArrivesUnchanged(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	id := createImport(t, f)
	roundTrip := func(tb require.TestingT, values []string) {
		sent := make([]retailq.RowError, len(values))
		for i, v := range values {
			sent[i] = retailq.RowError{Line: int64(i + 1), Code: "c", Value: v, Message: v + v, Hint: "\\" + v}
		}
		_, err := f.SQL.Exec(t.Context(), `TRUNCATE import_errors`)
		require.NoError(tb, err)
		require.NoError(tb, f.DB.InTx(t.Context(), func(tx *store.Tx) error {
			return tx.Tenant(f.Tenant.ID).AddRowErrors(t.Context(), id, sent)
		}))
		got, err := f.DB.Tenant(f.Tenant.ID).RowErrors(t.Context(), id, store.ErrorPage{Limit: len(values)})
		require.NoError(tb, err)
		require.Len(tb, got, len(sent))
		for i, e := range got {
			require.Equal(tb, sent[i], e.RowError)
		}
	}
	roundTrip(t, []string{
		"", `\N`, `\.`, "\\.\n", `\`, `\\`, "\t", "\n", "\r\n", "a\tb\\tc\nd\re", "\b\f\v\x01\x7f", `\x41`, `\101`, "NULL",
		"খুচরা", "🛒", "\u2028", "ends with \\",
	})
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(
			rapid.SampledFrom([]rune("\t\n\r\\.Nbfv0x1")), rapid.Rune())).Filter(func(s string) bool {
			return utf8.ValidString(s) && !strings.ContainsRune(s, 0) // Postgres stores no NUL
		})
		roundTrip(r, rapid.SliceOfN(text, 1, 20).Draw(r, "values"))
	})
}

func TestRowsTellNullFromEmpty(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	require.NoError(t, f.DB.InTx(t.Context(), func(tx *store.Tx) error {
		var rows store.Rows
		rows.Append([]byte("a"), []byte("A"), nil)
		rows.Append([]byte("b"), []byte("B"), []byte{})
		require.Equal(t, 2, rows.Len())
		_, err := tx.Tenant(f.Tenant.ID).UpsertRetailers(t.Context(), []string{"uid", "name", "address"}, &rows)
		rows.Reset()
		require.Zero(t, rows.Len())
		return err
	}))
	require.Equal(t, int64(1), f.Int(`SELECT count(*) FROM retailers WHERE address IS NULL AND uid = 'a'`))
	require.Equal(t, int64(1), f.Int(`SELECT count(*) FROM retailers WHERE address = '' AND uid = 'b'`))
}
