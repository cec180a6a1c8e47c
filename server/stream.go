package server

import (
	"strings"

	"github.com/valyala/fasthttp"
)

// streams reports whether a route reads its body itself.
func (s *Server) streams(method, path string) bool {
	streamer, ok := s.surface(path).(Streamer)
	return ok && streamer.Streams(method, path)
}

// patience gives bodies that are read as they come the time that takes.
func (s *Server) patience(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path, _, _ := strings.Cut(string(h.RequestURI()), "?")
	if !s.streams(string(h.Method()), path) {
		return fasthttp.RequestConfig{}
	}
	return fasthttp.RequestConfig{ReadTimeout: streamTimeout}
}
