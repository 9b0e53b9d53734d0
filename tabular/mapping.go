package tabular

import (
	"fmt"
	"slices"
	"strings"

	"retailq"
)

// The columns that a report adds. A file may have any column that begins with an underscore; it is ignored.
const (
	reportLine     = "_line"
	reportCodes    = "_codes"
	reportMessages = "_messages"
)

// Mapping says which column of a file is which column of a schema. It is decided once per file and stored with the
// import.
type Mapping struct {
	// Columns are in the order of the schema.
	Columns []MappedColumn `json:"columns"`
	// Unknown are the headers that mean no column of the schema: worth a warning.
	Unknown []string `json:"unknown,omitempty"`
	// Codes is the column, from 1, in which a report says what was wrong; 0 if the file is not a report.
	Codes int `json:"codes,omitempty"`
}

// MappedColumn ties a column of the schema to one of the file.
type MappedColumn struct {
	Name   string `json:"name"`   // in the schema
	Header string `json:"header"` // in the file
	Index  int    `json:"index"`  // of the cell, from 0
}

// Map finds the columns of a file. Names are compared by their letters and digits alone: case, spaces, punctuation,
// quotes and accents do not count. explicit maps a header to a column's name, or to "" for none, and goes before
// every alias.
//
// All problems are told at once, in the Fields of an ErrInvalid: header_missing for a required column,
// header_conflict where two columns of the file mean the same one, and mapping_unknown where explicit names
// something that does not exist.
func (s Schema) Map(header []string, explicit map[string]string) (Mapping, error) {
	var m Mapping
	chosen, problems := s.explicit(header, explicit)
	names := s.names()
	takenBy := map[string]int{} // column of the schema → index in the file
	for i, title := range header {
		if strings.HasPrefix(title, "_") {
			if title == reportCodes {
				m.Codes = i + 1
			}
			continue
		}
		name, isExplicit := chosen[fold(title)]
		if !isExplicit {
			name = names[fold(title)]
		}
		first, taken := takenBy[name]
		switch {
		case name == "" && isExplicit:
		case name == "":
			m.Unknown = append(m.Unknown, title)
		case taken:
			problems = append(problems, conflict(name, header, first, i))
		default:
			takenBy[name] = i
		}
	}
	for _, c := range s.Columns {
		if i, ok := takenBy[c.Name]; ok {
			m.Columns = append(m.Columns, MappedColumn{Name: c.Name, Header: header[i], Index: i})
		} else if c.Required {
			problems = append(problems, missing(c, m.Unknown))
		}
	}
	if len(problems) > 0 {
		return Mapping{}, mappingError(s.Dataset, problems)
	}
	return m, nil
}

// names are all folded headers that mean a column of the schema.
func (s Schema) names() map[string]string {
	names := map[string]string{}
	for _, c := range s.Columns {
		for _, alias := range c.Aliases {
			names[fold(alias)] = c.Name
		}
	}
	for _, c := range s.Columns {
		names[fold(c.Name)] = c.Name
	}
	return names
}

// explicit folds the headers of a mapping that a user wrote, and finds what they got wrong.
func (s Schema) explicit(header []string, explicit map[string]string) (map[string]string, []retailq.FieldError) {
	var problems []retailq.FieldError
	chosen := map[string]string{}
	folded := make([]string, len(header))
	for i, title := range header {
		folded[i] = fold(title)
	}
	for title, name := range explicit {
		chosen[fold(title)] = name
		if !slices.Contains(folded, fold(title)) {
			problems = append(problems, retailq.FieldError{
				Field: title, Code: "mapping_unknown", Message: fmt.Sprintf("the file has no column %q", title),
			})
		}
		if _, ok := s.column(name); !ok && name != "" {
			problems = append(problems, retailq.FieldError{
				Field: title, Code: "mapping_unknown",
				Message: fmt.Sprintf("%s have no column %q to map %q to", s.Dataset, name, title),
			})
		}
	}
	slices.SortFunc(problems, func(a, b retailq.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return chosen, problems
}

// conflict says that two columns of the file mean the same one.
func conflict(name string, header []string, first, second int) retailq.FieldError {
	return retailq.FieldError{
		Field: name, Code: "header_conflict",
		Message: fmt.Sprintf("columns %d (%q) and %d (%q) both mean %s",
			first+1, header[first], second+1, header[second], name),
	}
}

// missing says that a required column is not in the file, and which unknown one might be meant.
func missing(c Column, unknown []string) retailq.FieldError {
	message := fmt.Sprintf("the file has no column for %s", c.Name)
	if guess := nearest(c, unknown); guess != "" {
		message += fmt.Sprintf("; did you mean %q?", guess)
	}
	return retailq.FieldError{Field: c.Name, Code: "header_missing", Message: message}
}

func mappingError(dataset string, problems []retailq.FieldError) error {
	messages := make([]string, len(problems))
	for i, p := range problems {
		messages[i] = p.Message
	}
	e := retailq.Invalid(problems[0].Code, "the columns of the file do not fit %s: %s",
		dataset, strings.Join(messages, "; "))
	e.Fields = problems
	return e.WithHint("Rename the columns in the first line of the file.")
}
