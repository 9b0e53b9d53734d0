package tabular

import "bytes"

// scanQuoted is scan for a record with a quote on its first line.
func (r *Reader) scanQuoted(data []byte, last bool) span {
	found := span{verdict: sound, quoted: true, open: -1, lineEnd: -1}
	r.rec.ends = r.rec.ends[:0]
	for at := 0; ; at++ {
		start := at
		at = r.cell(data, at, last, &found)
		if found.verdict != sound {
			return found
		}
		if at > r.limits.RecordBytes {
			return span{verdict: tooLong}
		}
		if at-start > r.limits.FieldBytes && found.open < start && found.longField == 0 {
			found.longField = len(r.rec.ends) + 1
		}
		r.rec.ends = append(r.rec.ends, int32(at))
		if at < len(data) && data[at] == r.delimiter {
			continue
		}
		found.length, found.next = at, at
		if at < len(data) {
			ending := endingAt(data, at, last)
			if ending < 0 {
				return span{verdict: incomplete}
			}
			found.next += ending
		}
		found.lines = countLines(data[:found.next])
		return found
	}
}

// cell returns where the cell at data[at] ends: at a delimiter, a line ending or the end of the file.
func (r *Reader) cell(data []byte, at int, last bool, found *span) int {
	open := r.blanks(data, at)
	if open == len(data) || data[open] != '"' {
		return r.plainCell(data, at, last, found)
	}
	found.open, found.openCell = open, len(r.rec.ends)+1
	at = r.closing(data, open+1, last, found)
	if found.verdict != sound {
		return at
	}
	at = r.blanks(data, at+1)
	switch {
	case at == len(data) && !last:
		found.verdict = incomplete
	case at < len(data) && data[at] != r.delimiter && data[at] != '\n' && data[at] != '\r':
		found.verdict = broken
	}
	return at
}

// plainCell is cell for one that is not quoted.
func (r *Reader) plainCell(data []byte, at int, last bool, found *span) int {
	stop := min(len(data), r.limits.RecordBytes+1)
	if at > found.lineEnd {
		found.lineEnd = stop
		if i := bytes.IndexByte(data[at:stop], '\n'); i >= 0 {
			found.lineEnd = at + i
		}
		if i := bytes.IndexByte(data[at:found.lineEnd], '\r'); i >= 0 {
			found.lineEnd = at + i
		}
	}
	end := found.lineEnd
	if i := bytes.IndexByte(data[at:end], r.delimiter); i >= 0 {
		end = at + i
	}
	found.bare = found.bare || bytes.IndexByte(data[at:end], '"') >= 0
	switch {
	case end < stop:
	case end > r.limits.RecordBytes:
		found.verdict = tooLong
	case !last:
		found.verdict = incomplete
	}
	return end
}

// blanks returns the first place from data[at] on that holds neither a space nor a tab.
func (r *Reader) blanks(data []byte, at int) int {
	for at < len(data) && isBlank(data[at]) && data[at] != r.delimiter {
		at++
	}
	return at
}

// closing returns where the quote is that closes the cell whose text begins at data[from].
func (r *Reader) closing(data []byte, from int, last bool, found *span) int {
	at, limit := from, len(data)
	if r.limits.FieldBytes < limit-from {
		limit = from + r.limits.FieldBytes + 1
	}
	if limit > r.limits.RecordBytes {
		limit = min(limit, r.limits.RecordBytes+1)
	}
	for at < limit {
		i := bytes.IndexByte(data[at:limit], '"')
		if i < 0 {
			break
		}
		at += i
		switch {
		case at+1 < len(data) && data[at+1] != '"', at+1 == len(data) && last:
			return at
		case at+1 == len(data):
			found.verdict = incomplete
			return at
		}
		at += 2
	}
	switch {
	case limit == len(data) && !last:
		found.verdict = incomplete
	case limit > r.limits.RecordBytes:
		found.verdict = tooLong
	default:
		found.verdict = broken
	}
	return limit
}
