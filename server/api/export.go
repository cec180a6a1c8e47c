package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"

	"github.com/blockcast/blockcast/server/stream"
)

// exportPage is how many rows an export reads at once: nobody waits behind one,
// and its memory does not grow with it.
const exportPage = 200

// errGone means that whoever asked for an export has gone.
var errGone = errors.New("the reader has gone")

// file answers with a file that is written as it is read. It is kept by its
// reader under a name.
func file(name, kind string, write func(*bufio.Writer)) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", kind)
		c.SetHeader("Content-Disposition", `attachment; filename="`+name+`"`)
		c.SetStatus(http.StatusOK)
		humafiber.Unwrap(c).Context().SetBodyStreamWriter(write)
	}}
}

// export returns what writes a file when the call has returned. A file that
// does not come to its end, because of a fault or because the server stops, says
// so in its last line.
func (a *API) export(ctx context.Context, write func(context.Context, *bufio.Writer) error) func(*bufio.Writer) {
	request := callerOf(ctx).requestID
	ctx = stream.Context(ctx)
	return func(w *bufio.Writer) {
		err := write(ctx, w)
		switch {
		case err == nil, errors.Is(err, errGone):
			return
		case ctx.Err() != nil:
			a.Log.Info("export ended by the server's stop", "request_id", request)
		default:
			a.Log.Error("export broke off", "request_id", request, "error", err)
		}
		fmt.Fprintf(w, "{\"error\":\"the export broke off: begin it again\",\"request_id\":%q}\n", request)
	}
}

// flushed passes on what is written so far.
func flushed(w *bufio.Writer) error {
	if err := w.Flush(); err != nil {
		return errGone
	}
	return nil
}
