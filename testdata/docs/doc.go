// Package offenders breaks every rule that doc_test.go checks.
//
// # The plain version
//
//	This is no Go.
//
// # Read these files in this order
//
//	missing.go  is not there
//	listed.go   is right; see also twice.go
//	twice.go    is listed before
package offenders
