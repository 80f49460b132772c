package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// service is a server that listens. Who starts it stops it.
type service struct {
	server *http.Server
	host   string     // and port
	ended  chan error // closed when it answers no more, with an error before that if it failed
}

func start(addr string, handler http.Handler, log *slog.Logger) (*service, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return serve(listener, handler, log), nil
}

func serve(listener net.Listener, handler http.Handler, log *slog.Logger) *service {
	s := &service{host: listener.Addr().String(), ended: make(chan error, 1), server: &http.Server{
		Handler:      handler,
		ReadTimeout:  answerWithin,     // the header included
		WriteTimeout: 2 * answerWithin, // from the request's first line: the answer takes some of it
		IdleTimeout:  time.Minute,
		ErrorLog:     slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}
	go func() { // until stop
		defer close(s.ended)
		if err := s.server.Serve(listener); err != http.ErrServerClosed {
			s.ended <- err
		}
	}()
	return s
}

// stop accepts no more requests, and lets those that run be answered.
func (s *service) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin+time.Second)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.server.Close())
	}
	<-s.ended
	return err
}
