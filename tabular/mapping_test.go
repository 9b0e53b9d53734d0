package tabular

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"retailq"
)

// retailers is a schema such as package jobs describes.
var retailers = Schema{Dataset: "retailers", Key: "uid", Columns: []Column{
	{Name: "uid", Aliases: []string{"Retailer Code", "কোড"}, Required: true, Type: Key},
	{Name: "name", Aliases: []string{"Shop Name", "Имя"}, Required: true, Type: Text},
	{Name: "phone", Aliases: []string{"Mobile", "Mobile No"}, Type: Phone},
	{Name: "address", Aliases: []string{"Adresse", "Dirección"}, Type: Text},
	{Name: "credit_limit", Type: Money, NonNegative: true},
	{Name: "active", Type: Bool},
	{Name: "last_activity_at", Type: Time},
}}

func TestMap(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		header   []string
		explicit map[string]string
		want     Mapping
	}{
		{"by name, in any order", []string{"name", "uid"}, nil, Mapping{Columns: []MappedColumn{
			{"uid", "uid", 1}, {"name", "name", 0}}}},
		{"by alias, however written", []string{"RETAILER-CODE", "'Shop  name'", "credit limit", "DIRECCION"}, nil,
			Mapping{Columns: []MappedColumn{{"uid", "RETAILER-CODE", 0}, {"name", "'Shop  name'", 1},
				{"address", "DIRECCION", 3}, {"credit_limit", "credit limit", 2}}}},
		{"other scripts", []string{"কোড", "имя"}, nil, Mapping{Columns: []MappedColumn{
			{"uid", "কোড", 0}, {"name", "имя", 1}}}},
		{"unknown ones", []string{"uid", "colour", "name", "#"}, nil, Mapping{
			Columns: []MappedColumn{{"uid", "uid", 0}, {"name", "name", 2}}, Unknown: []string{"colour", "#"}}},
		{"explicit", []string{"id", "mobile", "phone 2", "name"},
			map[string]string{"ID": "uid", "mobile": "", "Phone 2": "phone"}, Mapping{Columns: []MappedColumn{
				{"uid", "id", 0}, {"name", "name", 3}, {"phone", "phone 2", 2}}}},
		{"a corrected report", []string{"uid", "name", "_line", "_codes", "_messages", "_mine"}, nil, Mapping{
			Columns: []MappedColumn{{"uid", "uid", 0}, {"name", "name", 1}}, Codes: 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := retailers.Map(tt.header, tt.explicit)
			require.NoError(t, err)
			require.Empty(t, cmp.Diff(tt.want, got))
			stored, err := json.Marshal(got)
			require.NoError(t, err)
			var back Mapping
			require.NoError(t, json.Unmarshal(stored, &back))
			require.Empty(t, cmp.Diff(got, back))
		})
	}
}

func TestMapTellsAllProblems(t *testing.T) {
	t.Parallel()
	_, err := retailers.Map([]string{"Naem", "Mobile", "colour", "Phone"},
		map[string]string{"Size": "phone", "colour": "paint"})
	var e *retailq.Error
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, retailq.ErrInvalid)
	require.NotEmpty(t, e.Hint)
	require.Empty(t, cmp.Diff([]retailq.FieldError{
		{Field: "Size", Code: "mapping_unknown", Message: `the file has no column "Size"`},
		{Field: "colour", Code: "mapping_unknown", Message: `retailers have no column "paint" to map "colour" to`},
		{Field: "phone", Code: "header_conflict", Message: `columns 2 ("Mobile") and 4 ("Phone") both mean phone`},
		{Field: "uid", Code: "header_missing", Message: "the file has no column for uid"},
		{Field: "name", Code: "header_missing", Message: `the file has no column for name; did you mean "Naem"?`},
	}, e.Fields))
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]int{
		{"", ""}: 0, {"abc", ""}: 3, {"", "ab"}: 2, {"kitten", "sitting"}: 3, {"uid", "uid"}: 0, {"uid", "uidd"}: 1,
		{"name", "naem"}: 1,
	} {
		require.Equal(t, want, distance([]rune(pair[0]), []rune(pair[1])), "%q", pair)
	}
}
