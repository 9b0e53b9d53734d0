package tabular

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"testing"
)

const benchRecords = 20_000

// benchFile is a file of nine columns, as retailers export it.
func benchFile(quoted bool) []byte {
	var b bytes.Buffer
	b.WriteString("uid,name,phone,region,area,address,credit_limit,active,last_activity_at\n")
	for i := range benchRecords {
		name := fmt.Sprintf("Rahim Store %d", i)
		if quoted {
			name = fmt.Sprintf("\"Rahim, \"\"Sons\"\" & Co %d\"", i)
		}
		fmt.Fprintf(&b, "R%06d,%s,017%08d,Dhaka,Mirpur %d,House %d Road %d,%d.50,true,2025-%02d-%02dT10:00:00Z\n",
			i, name, 10_000_000+i*37, i%12, i%90, i%30, i%5000, i%12+1, i%28+1)
	}
	return b.Bytes()
}

// BenchmarkRead compares the reader with encoding/csv, which checks less.
func BenchmarkRead(b *testing.B) {
	for name, file := range map[string][]byte{
		"clean": benchFile(false), "crlf": bytes.ReplaceAll(benchFile(false), []byte("\n"), []byte("\r\n")),
		"quoted": benchFile(true),
	} {
		b.Run(name+"/encoding-csv", func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				r := csv.NewReader(bytes.NewReader(file))
				r.ReuseRecord = true
				for {
					if _, err := r.Read(); errors.Is(err, io.EOF) {
						break
					}
				}
			}
			reportRecords(b)
		})
		b.Run(name+"/tabular", func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				d, err := Sniff(file[:min(len(file), SampleBytes)], false, DefaultLimits)
				if err != nil {
					b.Fatal(err)
				}
				r := NewReader(bytes.NewReader(file[d.Start.Offset:]), d, d.Start, DefaultLimits)
				n, cells := 0, 0
				for {
					rec, err := r.Read()
					if errors.Is(err, io.EOF) {
						break
					}
					n++
					for i := range rec.Len() {
						cells += len(rec.Field(i))
					}
				}
				if n != benchRecords || cells == 0 {
					b.Fatalf("read %d records", n)
				}
			}
			reportRecords(b)
		})
	}
}

// BenchmarkParse shows what the values of a record cost beside reading it, column by column.
func BenchmarkParse(b *testing.B) {
	file := benchFile(false)
	d, err := Sniff(file[:SampleBytes], false, DefaultLimits)
	if err != nil {
		b.Fatal(err)
	}
	types := map[string]Type{
		"uid": Key, "phone": Phone, "credit_limit": Money, "active": Bool, "last_activity_at": Time,
	}
	all := Schema{Dataset: "retailers", Key: "uid"}
	for _, name := range d.Header {
		all.Columns = append(all.Columns, Column{Name: name, Type: types[name]})
	}
	run := func(name string, columns []Column, work func(*Parser, *Record, *Row) bool) {
		b.Run(name, func(b *testing.B) {
			m, err := Schema{Columns: columns}.Map(d.Header, nil)
			if err != nil {
				b.Fatal(err)
			}
			p := NewParser(all, m, Env{Country: "BD"})
			var row Row
			b.ReportAllocs()
			for b.Loop() {
				r := NewReader(bytes.NewReader(file[d.Start.Offset:]), d, d.Start, DefaultLimits)
				for {
					rec, err := r.Read()
					if errors.Is(err, io.EOF) {
						break
					}
					if !work(p, rec, &row) {
						b.Fatalf("rejected %q", rec.Raw)
					}
				}
			}
			reportRecords(b)
		})
	}
	parse := func(p *Parser, rec *Record, row *Row) bool { return p.Parse(rec, row) == nil }
	run("key-only", all.Columns, func(p *Parser, rec *Record, _ *Row) bool {
		_, ok := p.Key(rec)
		return ok
	})
	run("all", all.Columns, parse)
	for _, c := range all.Columns {
		run(c.Name, []Column{c}, parse)
	}
}

func reportRecords(b *testing.B) {
	b.Helper()
	b.ReportMetric(float64(benchRecords)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkPhone compares the short way to a plain number with the library's Parse.
func BenchmarkPhone(b *testing.B) {
	env := environment{Env: Env{Country: "BD"}, dialPlan: dialPlanOf("BD")}
	cell := cellText{bytes: []byte("01712345678"), ascii: true}
	for name, plan := range map[string]dialPlan{"plain": dialPlanOf("BD"), "parsed": {}} {
		b.Run(name, func(b *testing.B) {
			env.dialPlan = plan
			var dst []byte
			for b.Loop() {
				var problem *Problem
				if dst, problem = parsePhone(dst[:0], cell, nil, &env); problem != nil {
					b.Fatal(problem.Message)
				}
			}
		})
	}
}
