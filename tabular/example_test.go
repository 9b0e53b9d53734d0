package tabular_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"retailq/tabular"
)

func Example() {
	file := []byte("Code;Shop Name;Mobile\n007;\"Rahim; Sons\";01712-345678\n008;Karim;12\n")
	shops := tabular.Schema{Dataset: "shops", Key: "uid", Columns: []tabular.Column{
		{Name: "uid", Aliases: []string{"Code"}, Required: true, Type: tabular.Key},
		{Name: "name", Aliases: []string{"Shop Name"}, Required: true},
		{Name: "phone", Aliases: []string{"Mobile"}, Type: tabular.Phone},
	}}

	dialect, err := tabular.Sniff(file, true, tabular.DefaultLimits)
	if err != nil {
		log.Fatal(err)
	}
	mapping, err := shops.Map(dialect.Header, nil)
	if err != nil {
		log.Fatal(err)
	}
	rest := bytes.NewReader(file[dialect.Start.Offset:])
	records := tabular.NewReader(rest, dialect, dialect.Start, tabular.DefaultLimits)
	parser := tabular.NewParser(shops, mapping, tabular.Env{Country: "BD"})
	report := tabular.NewReportWriter(os.Stdout, dialect)
	var row tabular.Row
	for {
		rec, err := records.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		if errs := parser.Parse(rec, &row); errs != nil {
			_ = report.WriteHeader()
			_ = report.Write(rec, errs)
			continue
		}
		fmt.Printf("%s\n", row.Values)
	}
	// Output:
	// [007 Rahim; Sons +8801712345678]
	// Code;Shop Name;Mobile;_line;_codes;_messages
	// 008;Karim;12;3;phone_invalid;Mobile: this is not a valid phone number
}
