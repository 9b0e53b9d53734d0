// Package tabular reads customers' files: bytes, then a dialect, then records with positions, then typed values or
// row errors. It owns everything between the bytes of an upload and the text that Postgres is given; it knows neither
// where the bytes come from nor where the values go.
//
// A file is read in four steps, each of which can be resumed on another machine:
//
//   - [Sniff] decides the [Dialect] once, from the first bytes of the file.
//   - A [Reader] cuts the bytes into records. It may start at any [Position] that a Reader has returned, and then
//     returns the same records as one that reads the whole file.
//   - [Schema.Map] decides once which column of the file is which column of the schema.
//   - A [Parser] turns records into canonical values, or says for each cell what is wrong with it.
//
// A [ReportWriter] gives rejected records back, as a file that can be corrected and uploaded again.
//
// Nothing is skipped in silence: every byte of a file belongs to the header, to a record, sound or not, or to a line
// without content, which Reader.Blank counts.
package tabular
