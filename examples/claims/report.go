package main

import "context"

func writeReports(ctx context.Context, l *lab, rows []row) error { return nil }
