package sandbox

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
)

//go:embed static
var static embed.FS

const (
	maxPageBody = 64 << 10
	// policy lets the page load nothing but its own parts and https pictures.
	policy = "default-src 'self'; img-src 'self' https: data:; media-src 'self' https:; " +
		"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

// pageRoutes lists the page and its API. A request that changes something is
// JSON, which a foreign web page cannot send here unasked.
func (s *Sandbox) pageRoutes(mux *http.ServeMux) {
	mux.Handle("GET /{$}", http.RedirectHandler("/sandbox", http.StatusFound))
	mux.Handle("GET /sandbox/{$}", http.RedirectHandler("/sandbox", http.StatusFound))
	mux.HandleFunc("GET /sandbox", servePage)
	mux.HandleFunc("GET /sandbox/static/{file}", serveStatic)
	mux.HandleFunc("GET /sandbox/media/{path...}", servePicture)
	mux.HandleFunc("GET /sandbox/events", s.serveEvents)

	get := func(path string, answer func(*http.Request) (any, error)) {
		mux.HandleFunc("GET /sandbox/"+path, func(w http.ResponseWriter, r *http.Request) {
			v, err := answer(r)
			writePage(w, v, err)
		})
	}
	get("status", s.pageStatus)
	get("accepted", s.pageAccepted)
	get("faults", s.pageFaults)
	get("accounts/{account}/people", s.pagePeople)
	get("accounts/{account}/people/{person}", s.pageChat)
	mux.HandleFunc("GET /sandbox/accounts/{account}/media/{id}", s.serveMedia)
	mux.HandleFunc("POST /sandbox/faults", s.postFaults)
	mux.HandleFunc("DELETE /sandbox/faults", s.deleteFaults)
	mux.HandleFunc("POST /sandbox/accounts/{account}/people/{person}/{deed}", s.postDeed)
}

func servePage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, static, "static/sandbox.html")
}

// Bubbles are the parts of the page that draw messages as their apps do:
// dom.js, line.js, messenger.js, flex.js and chat.css. They ask for each Picture
// beside their own folder, at ../media/.
func Bubbles() fs.FS {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic("sandbox: " + err.Error()) // only for a name that is no path
	}
	return files
}

func serveStatic(w http.ResponseWriter, r *http.Request) {
	name := path.Join("static", path.Base(r.PathValue("file")))
	if _, err := fs.Stat(static, name); err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, static, name)
}

// pageError is an error whose fault is the request's.
type pageError struct {
	status int
	err    error
}

func (e *pageError) Error() string { return e.err.Error() }

func notFound(format string, args ...any) error {
	return &pageError{http.StatusNotFound, fmt.Errorf(format, args...)}
}

func badRequest(err error) error { return &pageError{http.StatusBadRequest, err} }

func writePage(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if e := (*pageError)(nil); errors.As(err, &e) {
		w.WriteHeader(e.status)
		v = map[string]string{"error": e.Error()}
	} else if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		v = map[string]string{"error": err.Error()}
	}
	body, _ := encode(v)
	_, _ = w.Write(append(body, '\n'))
}

// readPage reads a JSON request body into v. An empty one leaves v alone.
func readPage(w http.ResponseWriter, r *http.Request, v any) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return &pageError{http.StatusUnsupportedMediaType, errors.New("the request must be of type application/json")}
	}
	if r.ContentLength == 0 {
		return nil
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxPageBody))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return badRequest(fmt.Errorf("the request cannot be read: %w", err))
	}
	return nil
}

// accountStatus is one account as the page shows it.
type accountStatus struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Picture string `json:"picture,omitempty"`
	Channel string `json:"channel"`
	BasicID string `json:"basic_id,omitempty"`
	Webhook string `json:"webhook"`
	People  int    `json:"people"`
	Quota   int64  `json:"quota"`
	Used    int64  `json:"used"`
	Counts  Counts `json:"counts"`
}

func (s *Sandbox) pageStatus(*http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	accounts := []accountStatus{}
	for _, a := range s.accounts {
		status := accountStatus{
			Name: a.name, Title: a.title, Picture: a.picture, Channel: string(a.channel), People: len(a.list), Counts: a.counts.clone(),
		}
		if l := s.line[a.name]; l != nil {
			l.turnMonth(s.now())
			status.BasicID, status.Webhook, status.Quota, status.Used = l.BasicID, l.WebhookURL, l.Quota, l.usage
		}
		if m := s.messenger[a.name]; m != nil {
			status.BasicID, status.Webhook = "Page "+m.PageID, m.app.callback
		}
		accounts = append(accounts, status)
	}
	return map[string]any{"accounts": accounts, "counts": s.sum(), "faults": len(s.faults)}, nil
}

// pageAccepted lists accepted calls for tests and load programs that run
// elsewhere: all, of one person, the last few, or those after a number.
func (s *Sandbox) pageAccepted(r *http.Request) (any, error) {
	query := r.URL.Query()
	limit, err := number(query.Get("limit"), 100)
	if err != nil {
		return nil, badRequest(fmt.Errorf("limit: %w", err))
	}
	after, err := number(query.Get("after"), 0)
	if err != nil {
		return nil, badRequest(fmt.Errorf("after: %w", err))
	}
	calls := []Call{}
	for _, c := range s.AcceptedFor(query.Get("person")) {
		if c.Seq > int64(after) {
			calls = append(calls, c)
		}
	}
	return map[string]any{"calls": calls[max(0, len(calls)-limit):], "counts": s.Counts()}, nil
}

func number(text string, otherwise int) (int, error) {
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is no count", text)
	}
	return n, nil
}

func (s *Sandbox) pageFaults(*http.Request) (any, error) {
	return map[string]any{"faults": s.Faults()}, nil
}

// postFaults replaces the scripted faults: {"faults":[{"kind":"error","endpoint":"push","count":2}]}.
func (s *Sandbox) postFaults(w http.ResponseWriter, r *http.Request) {
	var script struct {
		Faults []Fault `json:"faults"`
	}
	err := readPage(w, r, &script)
	if err == nil {
		if err = s.SetFaults(script.Faults...); err != nil {
			err = badRequest(err)
		}
	}
	writePage(w, map[string]any{"faults": s.Faults()}, err)
}

func (s *Sandbox) deleteFaults(w http.ResponseWriter, _ *http.Request) {
	err := s.SetFaults()
	writePage(w, map[string]any{"faults": s.Faults()}, err)
}

// serveMedia shows the page what a person sent.
func (s *Sandbox) serveMedia(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	var m *media
	if a := s.line[r.PathValue("account")]; a != nil {
		m, _ = a.media.get(r.PathValue("id"))
	}
	s.mu.Unlock()
	if m == nil || m.unsent {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", m.ContentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(m.Data)
}
