package channels

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/blockcast/blockcast/blocks"
)

// Download is a file that is being fetched. Whoever asked for it closes Body.
type Download struct {
	Body io.ReadCloser
	Type string // as its server says, as in image/jpeg; "" when it does not
	Size int64  // bytes; -1 when not said
}

// Downloader fetches files that people sent and that the platform gives to the
// account alone. An error is always *SendError; one with RetryLater and the code
// CodePreparing says that the platform needs a moment more.
type Downloader interface {
	// Downloads reports whether a file is fetched so, rather than from its URL
	// like anything on the internet.
	Downloads(r *blocks.Received) bool
	Download(ctx context.Context, a Account, r *blocks.Received) (*Download, error)
}

// CodePreparing is the code of a file that is not ready yet.
const CodePreparing = "preparing"

// MediaFile is a file that is to be shown, as far as platforms ask about it.
type MediaFile struct {
	Kind          string // blocks.Image, Video, Audio or File
	Type          string // as in image/png
	Size          int64  // bytes
	Width, Height int    // pixels; 0 when unknown
	Duration      time.Duration
}

// MediaChecker knows which files a platform shows.
type MediaChecker interface {
	// CheckMedia says in sentences why the platform will not show a file as what
	// it is; nothing when it will.
	CheckMedia(f MediaFile) []string
}

// Fetch asks for a file and returns the answer with its body unread, whatever
// its status. An error is *SendError, as of Call.
func Fetch(ctx context.Context, client *http.Client, url string, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, lost(err, RetryLater)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, lost(err, RetryLater)
	}
	return res, nil
}

// ReadAnswer reads what a call was answered instead of a file, and closes it.
func ReadAnswer(res *http.Response) *Answer {
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, MaxAnswer))
	if err != nil {
		text = nil
	}
	return &Answer{Status: res.StatusCode, Header: res.Header, Body: text}
}
