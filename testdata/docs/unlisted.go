package offenders
