package devstack

// TestRunVar is the environment variable by which command servers tells test processes of the servers of their run.
const TestRunVar = "RETAILQ_TEST_STACK"

// TestRun is the JSON value of the variable.
type TestRun struct {
	Addresses
	// S3Program is for tests that start a stack of their own; see [Options].
	S3Program string `json:"s3_program"`
}
