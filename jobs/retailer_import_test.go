package jobs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/jobs"
	"retailq/queue"
	"retailq/store"
)

func TestImportCreatesUpdatesAndLeavesAlone(t *testing.T) {
	t.Parallel()
	p := setup(t, platformOptions{workers: 2, chunkRows: 2})
	first := p.load(t, "uid,name,phone,credit_limit,active\n"+
		"a,Alpha,01712345678,10.50,yes\nb,Beta,,,no\nc,Gamma,,,\n", retailq.ImportOptions{})
	require.Equal(t, retailq.Succeeded, first.State)
	require.Equal(t, retailq.ImportRows{Read: 3, Created: 3}, first.Rows)
	require.False(t, first.HasReport)

	second := p.load(t, "Retailer Code,Shop Name,active\nb,Beta & Sons,\na,Alpha,yes\nd,Delta,\n", retailq.ImportOptions{})
	require.Equal(t, retailq.ImportRows{Read: 3, Created: 1, Updated: 1, Unchanged: 1}, second.Rows)

	tenant := p.db.Tenant(p.tenant.ID)
	a, err := tenant.Retailer(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, "+8801712345678", a.Phone, "a column that the second file lacks was changed")
	require.Equal(t, "10.50", a.CreditLimit)
	b, err := tenant.Retailer(t.Context(), "b")
	require.NoError(t, err)
	require.Equal(t, "Beta & Sons", b.Name)
	require.False(t, b.Active, "an empty cell changed what was stored")
	d, err := tenant.Retailer(t.Context(), "d")
	require.NoError(t, err)
	require.True(t, d.Active)
}

func TestImportRejectsBadRecordsAndReportsThemInFileOrder(t *testing.T) {
	t.Parallel()
	p := setup(t, platformOptions{workers: 2, chunkRows: 1})
	i := p.load(t, "uid,name,phone\r\n"+
		"1,One,017\r\n"+
		"2,Two,01712345678\r\n"+
		"3,,01712345678\r\n"+
		"4,\"Four, \"\"the\"\" shop\",1.71E+10\r\n"+
		"5,Five\r\n", retailq.ImportOptions{})
	require.Equal(t, retailq.Succeeded, i.State)
	require.Equal(t, retailq.ImportRows{Read: 5, Created: 1, Rejected: 4}, i.Rows)

	var got []string
	for _, e := range p.errors(t, i.ID) {
		got = append(got, fmt.Sprintf("%d %s %s", e.Line, e.Column, e.Code))
	}
	require.Equal(t, []string{
		"2 phone phone_invalid", "4 name required", "5 phone excel_scientific", "6  columns_missing",
	}, got)

	report := p.report(t, i)
	lines := strings.Split(strings.TrimSuffix(report, "\r\n"), "\r\n")
	require.Equal(t, "uid,name,phone,_line,_codes,_messages", lines[0])
	require.Len(t, lines, 5)
	require.True(t, strings.HasPrefix(lines[1], "1,One,017,2,phone_invalid,"), lines[1])
	require.True(t, strings.HasPrefix(lines[3], `4,"Four, ""the"" shop",1.71E+10,5,excel_scientific,`), lines[3])
}

func TestCorrectedReportIsAnImport(t *testing.T) {
	t.Parallel()
	p := setup(t, platformOptions{workers: 1, chunkRows: 10})
	i := p.load(t, "uid,name,phone\n1,One,017\n2,Two,01712345678\n", retailq.ImportOptions{})
	corrected := strings.Replace(p.report(t, i), "1,One,017,", "1,One,01712345679,", 1)
	again := p.load(t, corrected, retailq.ImportOptions{})
	require.Equal(t, retailq.ImportRows{Read: 1, Created: 1}, again.Rows)
}

func TestLastOfDuplicatesWins(t *testing.T) {
	t.Parallel()
	p := setup(t, platformOptions{workers: 2, chunkRows: 3})
	var file strings.Builder
	file.WriteString("uid,name\n")
	for i := range 100 {
		fmt.Fprintf(&file, "k%d,name %d\n", i%7, i)
	}
	i := p.load(t, file.String(), retailq.ImportOptions{})
	require.Equal(t, retailq.ImportRows{Read: 100, Created: 7, Duplicate: 93}, i.Rows)
	for k := range 7 {
		r, err := p.db.Tenant(p.tenant.ID).Retailer(t.Context(), fmt.Sprintf("k%d", k))
		require.NoError(t, err)
		last := 93 + (k+7-93%7)%7
		require.Equal(t, fmt.Sprintf("name %d", last), r.Name)
	}
}

func TestPlacesAreLookedUpOrCreated(t *testing.T) {
	t.Parallel()
	p := setup(t, platformOptions{workers: 2, chunkRows: 2})
	file := "uid,name,region,area\n1,One,Dhaka,Gulshan\n2,Two,DHAKA,gulshan\n3,Three,Khulna,\n4,Four,,Gulshan\n5,Five,,\n"
	refused := p.load(t, file, retailq.ImportOptions{})
	require.Equal(t, retailq.ImportRows{Read: 5, Created: 1, Rejected: 4}, refused.Rows)
	errs := p.errors(t, refused.ID)
	require.Equal(t, "region_unknown", errs[0].Code)
	require.Equal(t, "area_unknown", errs[3].Code)

	created := p.load(t, file, retailq.ImportOptions{CreateMasterData: true})
	require.Equal(t, retailq.ImportRows{Read: 5, Created: 4, Unchanged: 1}, created.Rows)
	r, err := p.db.Tenant(p.tenant.ID).Retailer(t.Context(), "2")
	require.NoError(t, err)
	require.Equal(t, "Dhaka", r.Region, "of two spellings the first in the file counts")
	require.Equal(t, "Gulshan", r.Area)
}

func TestFileThatCannotBeReadFailsTheImportOnce(t *testing.T) {
	t.Parallel()
	p := setup(t, platformOptions{workers: 1, chunkRows: 10})
	i := p.load(t, "uid,address\n1,here\n", retailq.ImportOptions{})
	require.Equal(t, retailq.Failed, i.State)
	require.NotNil(t, i.Failure)
	require.Contains(t, i.Failure.Message, "name")
}

func TestAreaOfAnotherRegionIsNotKept(t *testing.T) {
	t.Parallel()
	p := setup(t, platformOptions{workers: 1, chunkRows: 10})
	create := retailq.ImportOptions{CreateMasterData: true}
	p.load(t, "uid,name,region,area\n1,One,Dhaka,Gulshan\n2,Two,Dhaka,Gulshan\n", create)
	p.load(t, "uid,name,region\n1,One,Khulna\n2,Two,\n", create)
	for uid, want := range map[string][2]string{"1": {"Khulna", ""}, "2": {"Dhaka", "Gulshan"}} {
		r, err := p.db.Tenant(p.tenant.ID).Retailer(t.Context(), uid)
		require.NoError(t, err)
		require.Equal(t, want, [2]string{r.Region, r.Area}, uid)
	}
}

func TestLongRecordsMakeShortChunks(t *testing.T) {
	t.Parallel()
	p := setup(t, platformOptions{workers: 2, chunkRows: 5000})
	var file strings.Builder
	file.WriteString("uid,name\n")
	const records = 30
	for i := range records {
		fmt.Fprintf(&file, "%d,%s\n", i, strings.Repeat("x", 700<<10)) // a cell that long is refused
	}
	i := p.load(t, file.String(), retailq.ImportOptions{})
	require.Equal(t, retailq.ImportRows{Read: records, Rejected: records}, i.Rows)
	chunks, err := p.db.Ledger().Jobs(t.Context(), store.JobFilter{Parent: i.ID}, store.Page{Limit: 100})
	require.NoError(t, err)
	require.Len(t, chunks, 3)
}

func TestImportWhoseTotalsDoNotAddUpFails(t *testing.T) {
	t.Parallel()
	p := setup(t, platformOptions{})
	ctx, ledger := t.Context(), p.db.Ledger()
	id := p.start(t, "uid,name\n1,One\n2,Two\n", retailq.ImportOptions{})
	worker := retailq.NewID()
	job, err := ledger.Claim(ctx, retailq.Delivery{JobID: id}, worker)
	require.NoError(t, err)
	chunks, err := ledger.Spawn(ctx, job.Fence(), func(*store.Tx) (store.Children, error) {
		return store.Children{
			Kind: jobs.RetailerImportChunk.Name, Queue: queue.Bulk, MaxAttempts: 1, Window: 1, Args: []any{jobs.ChunkArgs{}},
			Counters: retailq.Counters{retailq.CountRead: 2},
		}, nil
	})
	require.NoError(t, err)
	chunk, err := ledger.Claim(ctx, chunks[0], worker)
	require.NoError(t, err)
	finish, err := ledger.End(ctx, chunk.Fence(), func(*store.Tx) (store.Ending, error) {
		one := retailq.Counters{retailq.CountCreated: 1}
		return store.Ending{State: retailq.Succeeded, Event: "succeeded", Counters: one}, nil
	})
	require.NoError(t, err)

	p.work(t)
	p.bell.Ring(ctx, finish...)
	i := p.await(t, id)
	require.Equal(t, retailq.Failed, i.State)
	require.Equal(t, "totals_mismatch", i.Failure.Code)
}

func TestUnknownColumnsAreNamed(t *testing.T) {
	t.Parallel()
	p := setup(t, platformOptions{workers: 1, chunkRows: 10})
	i := p.load(t, "uid,name,Credt lmt,colour\n1,One,5,red\n", retailq.ImportOptions{})
	require.Equal(t, []string{"Credt lmt", "colour"}, i.Ignored)
}
