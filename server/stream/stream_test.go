package stream_test

import (
	"context"
	"testing"

	"github.com/blockcast/blockcast/server/stream"
)

type name struct{}

func TestAStreamOutlivesItsCallAndEndsWithItsLife(t *testing.T) {
	t.Parallel()
	life, end := context.WithCancel(t.Context())
	call, returned := context.WithCancel(context.WithValue(stream.With(t.Context(), life), name{}, "Mai"))
	s := stream.Context(call)
	below, cancel := context.WithCancel(s)
	defer cancel()
	returned()
	if s.Err() != nil || below.Err() != nil || s.Value(name{}) != "Mai" {
		t.Errorf("when the call has returned: %v, %v, %v", s.Err(), below.Err(), s.Value(name{}))
	}
	end()
	<-s.Done()
	<-below.Done()
}

func TestAStreamOfACallThatWasToldNothing(t *testing.T) {
	t.Parallel()
	call, returned := context.WithCancel(context.WithValue(t.Context(), name{}, "Mai"))
	s := stream.Context(call)
	returned()
	if s.Err() != nil || s.Value(name{}) != "Mai" {
		t.Errorf("%v, %v", s.Err(), s.Value(name{}))
	}
}
