package tabular

import "retailq"

// Parser turns the records of one file into rows of one schema. It is not safe for concurrent use.
type Parser struct {
	columns []parsedColumn
	names   []string
	key     int // index in columns, -1 if the key is not mapped
	codes   int // cell of a report's codes, -1 if the file is not a report
	env     environment
	scratch []byte
}

// parsedColumn is a column of the schema that the file has.
type parsedColumn struct {
	Column
	header string
	index  int
	parse  parseFunc
}

// Row is one row of a schema. Its buffers are used again by the next Parse into it.
type Row struct {
	// Values are canonical text in the order of Parser.Columns; nil is NULL.
	Values [][]byte

	text []byte
}

// NewParser returns a Parser for records that are mapped by m.
func NewParser(s Schema, m Mapping, env Env) *Parser {
	p := &Parser{key: -1, codes: m.Codes - 1, env: environment{Env: env, dialPlan: dialPlanOf(env.Country)}}
	for _, mapped := range m.Columns {
		c, ok := s.column(mapped.Name)
		if !ok {
			continue // the schema has lost a column since the mapping was stored
		}
		if c.Name == s.Key {
			p.key = len(p.columns)
		}
		p.columns = append(p.columns, parsedColumn{
			Column: c, header: mapped.Header, index: mapped.Index, parse: parseFuncs[c.Type],
		})
		p.names = append(p.names, c.Name)
	}
	return p
}

// Columns names the mapped columns of the schema, in the order of Row.Values.
func (p *Parser) Columns() []string { return p.names }

// Key is the value of the record's key, exactly as Parse yields it, and whether it has one. The key is valid until
// the next call of Key or Value.
func (p *Parser) Key(rec *Record) ([]byte, bool) { return p.Value(rec, p.key) }

// Value is the value of one column, counted as in Row.Values, exactly as Parse yields it, and whether there is one: the
// cell may be empty or bad, the record broken, the column -1 for one that the file lacks. It costs much less than
// Parse. The value is valid until the next call of Key or Value.
func (p *Parser) Value(rec *Record, column int) ([]byte, bool) {
	if column < 0 || p.structural(rec) != nil {
		return nil, false
	}
	value, problem := p.cell(&p.columns[column], p.scratch[:0], rec)
	if problem != nil || value == nil {
		return nil, false
	}
	p.scratch = value
	return value, true
}

// Parse fills row with the values of a record, or returns everything that is wrong with it: the problem of the whole
// record alone, or one for each bad cell.
func (p *Parser) Parse(rec *Record, row *Row) []retailq.RowError {
	row.Values, row.text = row.Values[:0], row.text[:0]
	if problem := p.structural(rec); problem != nil {
		return []retailq.RowError{problem.rowError(rec.Start.Line)}
	}
	var errs []retailq.RowError
	for i := range p.columns {
		from := len(row.text)
		text, problem := p.cell(&p.columns[i], row.text, rec)
		if problem != nil {
			errs = append(errs, problem.rowError(rec.Start.Line))
		}
		if problem != nil || text == nil {
			row.Values = append(row.Values, nil)
			continue
		}
		row.text = text
		row.Values = append(row.Values, text[from:len(text):len(text)])
	}
	return errs
}

// structural is the problem of the record as a whole. A record that a report gave back in one piece, and that nobody
// has mended, still has the problem it had.
func (p *Parser) structural(rec *Record) *Problem {
	if rec.Problem != nil || p.codes < 0 {
		return rec.Problem
	}
	code := string(rec.Field(p.codes))
	if !isStructural(code) {
		return nil
	}
	for _, c := range p.columns {
		if c.index > 0 && len(trim(rec.Field(c.index))) > 0 {
			return nil
		}
	}
	return &Problem{
		Code:    code,
		Value:   shorten(rec.Field(0)),
		Message: "the record is still in one piece, as it was reported",
		Hint:    "Put its cells into their columns.",
	}
}

// cell appends the canonical text of one cell to dst. It returns nil for an empty cell.
func (p *Parser) cell(c *parsedColumn, dst []byte, rec *Record) ([]byte, *Problem) {
	raw := rec.Field(c.index)
	text, problem := inspect(trim(raw))
	switch {
	case problem != nil:
	case len(text.bytes) > 0:
		dst, problem = c.parse(dst, text, &c.Column, &p.env)
	case c.Required:
		problem = &Problem{Code: CodeRequired, Message: "the cell is empty", Hint: "Every row needs a value here."}
	default:
		return nil, nil
	}
	if problem != nil {
		problem.Column, problem.Value = c.header, shorten(raw)
		return nil, problem
	}
	return dst, nil
}
