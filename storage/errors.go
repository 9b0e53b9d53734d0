package storage

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"retailq"
)

// verdict is what an answer of the server means to the platform.
type verdict struct {
	kind    error
	code    string
	message string // what is wrong, in a few words
	hint    string
}

// The verdicts. Wrong credentials and a missing bucket are faults of the set-up and not of whoever made the request,
// who is told that storage is unavailable; jobs wait for the operator, who finds the hint in the log.
var (
	objectMissing = verdict{kind: retailq.ErrNotFound, code: "object_not_found", message: "there is no such object"}
	objectChanged = verdict{
		kind: retailq.ErrConflict, code: "object_changed", message: "the object was replaced since it was first seen",
		hint: "upload the file again under a new name and start over",
	}
	rangeInvalid = verdict{kind: retailq.ErrInvalid, code: "range_invalid", message: "the range is not in the object"}
	tooLarge     = verdict{kind: retailq.ErrTooLarge, code: "object_too_large", message: "the object is too large"}
	keyInvalid   = verdict{kind: retailq.ErrInvalid, code: "key_invalid", message: "the key cannot be stored"}
	bodyInvalid  = verdict{kind: retailq.ErrInvalid, code: "body_incomplete", message: "the content did not arrive whole"}
	taken        = verdict{
		kind: retailq.ErrConflict, code: "bucket_taken", message: "the bucket belongs to another account",
		hint: "choose another name in RETAILQ_S3_BUCKET",
	}
	bucketMissing = verdict{
		kind: retailq.ErrUnavailable, code: "bucket_missing", message: "there is no such bucket",
		hint: "create it (`retailq migrate up` does), or correct RETAILQ_S3_BUCKET",
	}
	credentialsWrong = verdict{
		kind: retailq.ErrUnavailable, code: "storage_credentials", message: "the credentials are not accepted",
		hint: "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that they may read, write and list the bucket",
	}
	clockWrong = verdict{
		kind: retailq.ErrUnavailable, code: "storage_clock", message: "the clocks differ by too much",
		hint: "set this machine's clock, for example by NTP",
	}
	regionWrong = verdict{
		kind: retailq.ErrUnavailable, code: "storage_region", message: "the bucket lies in another region",
		hint: "set AWS_REGION to the bucket's region",
	}
	rangeIgnored = verdict{
		kind: retailq.ErrUnavailable, code: "storage_range_ignored", message: "the answer is not the range asked for",
		hint: "look for a proxy in front of the server that drops Range or changes the content",
	}
	busy        = verdict{kind: retailq.ErrUnavailable, code: "storage_busy", message: "the server is overloaded"}
	unreachable = verdict{
		kind: retailq.ErrUnavailable, code: "storage_unreachable", message: "the server cannot be reached",
		hint: "check that it runs and that RETAILQ_S3_ENDPOINT is its address",
	}
)

// byCode translates S3's error codes:
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
var byCode = map[string]verdict{
	"NoSuchKey":                          objectMissing,
	"NoSuchVersion":                      objectMissing,
	"NoSuchBucket":                       bucketMissing,
	"PreconditionFailed":                 objectChanged,
	"InvalidRange":                       rangeInvalid,
	"EntityTooLarge":                     tooLarge,
	"KeyTooLongError":                    keyInvalid,
	"InvalidObjectName":                  keyInvalid,
	"IncompleteBody":                     bodyInvalid,
	"BadDigest":                          bodyInvalid,
	"BucketAlreadyExists":                taken,
	"AccessDenied":                       credentialsWrong,
	"InvalidAccessKeyId":                 credentialsWrong,
	"SignatureDoesNotMatch":              credentialsWrong,
	"XAdminUserNotFound":                 credentialsWrong, // versitygw's word for an unknown access key
	"ExpiredToken":                       credentialsWrong,
	"InvalidToken":                       credentialsWrong,
	"RequestTimeTooSkewed":               clockWrong,
	"AuthorizationHeaderMalformed":       regionWrong,
	"IllegalLocationConstraintException": regionWrong,
	"PermanentRedirect":                  regionWrong,
	"SlowDown":                           busy,
	"RequestTimeout":                     busy,
}

// byStatus translates answers without a code that is known: HEAD has no body to carry one.
var byStatus = map[int]verdict{
	http.StatusMovedPermanently:             regionWrong,
	http.StatusForbidden:                    credentialsWrong,
	http.StatusNotFound:                     objectMissing,
	http.StatusPreconditionFailed:           objectChanged,
	http.StatusRequestEntityTooLarge:        tooLarge,
	http.StatusRequestedRangeNotSatisfiable: rangeInvalid,
	http.StatusTooManyRequests:              busy,
	http.StatusInternalServerError:          busy,
	http.StatusBadGateway:                   busy,
	http.StatusServiceUnavailable:           busy,
	http.StatusGatewayTimeout:               busy,
}

// translate gives an error of the SDK its kind. What was attempted, and on which key, comes first in the message. An
// end of the context stays what it is, and so does an error that has a kind already.
func (b *Bucket) translate(err error, op, key string) error {
	if err == nil {
		return nil
	}
	var known *retailq.Error
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &known) {
		return fmt.Errorf("storage: %s %s/%s: %w", op, b.name, key, err)
	}
	v, ok := judge(err)
	if !ok {
		return fmt.Errorf("storage: %s %s/%s: %w", op, b.name, key, err)
	}
	return b.fail(v, op, key).Because(err)
}

func judge(err error) (verdict, bool) {
	var api smithy.APIError
	if errors.As(err, &api) {
		if v, ok := byCode[api.ErrorCode()]; ok {
			return v, true
		}
	}
	var unsent *smithyhttp.RequestSendError // comes inside a ResponseError of status 0
	if errors.As(err, &unsent) {
		return unreachable, true
	}
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) {
		return verdict{}, false
	}
	v, ok := byStatus[response.HTTPStatusCode()]
	return v, ok
}

// fail makes the error of a verdict.
func (b *Bucket) fail(v verdict, op, key string) *retailq.Error {
	return v.error(fmt.Sprintf("%s %s/%s", op, b.name, key))
}

func (v verdict) error(context string) *retailq.Error {
	e := retailq.Errorf(v.kind, v.code, "storage: %s: %s", context, v.message)
	e.Hint = v.hint
	return e
}
