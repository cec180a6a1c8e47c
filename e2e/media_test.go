package e2e_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// tailor asks for a picture and shows what the shop keeps.
const tailor = `{"format": 1, "flow": "tailor",
  "attributes": {"photo": "json"},
  "triggers": [{"on": "keyword", "any": ["photo"], "block": "photo"}, {"on": "keyword", "any": ["catalogue"], "block": "catalogue"}],
  "blocks": [
    {"name": "photo", "steps": [
      {"type": "ask", "text": "Send a photo", "expect": "image", "save_to": "photo"},
      {"type": "text", "text": "Kept {{ photo.size }} bytes at {{ photo.url }}"}
    ]},
    {"name": "catalogue", "steps": [{"type": "file", "url": "media:FILE", "name": "Prices"}]}
  ]}`

// photo is a picture of so many pixels each way.
func photo(t *testing.T, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tailors publishes the tailor's flow, with a file in it that was uploaded by
// the command line, and returns the file's id.
func (w *world) tailors() string {
	w.t.Helper()
	dir := w.t.TempDir()
	prices, flow := filepath.Join(dir, "prices.pdf"), filepath.Join(dir, "tailor.json")
	w.must(os.WriteFile(prices, []byte("%PDF-1.7 prices"), 0o600))
	id := w.field(w.cli("media", "upload", prices, "--json"), "id")
	w.must(os.WriteFile(flow, []byte(strings.ReplaceAll(tailor, "FILE", id)), 0o600))
	w.cli("flows", "push", flow)
	w.cli("flows", "publish", "tailor")
	return id
}

// fetched is what anybody gets at an address.
func (w *world) fetched(address string) (*http.Response, []byte) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, address, nil)
	w.must(err)
	res, err := http.DefaultClient.Do(req)
	w.must(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	w.must(err)
	return res, body
}

// A person sends a picture on LINE: the flow sees it at our own address, where
// it can be fetched when LINE has forgotten it.
func TestAPersonsPictureIsKept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tailors()
		mai, picture := w.person(0), photo(t, 64)
		w.writes(mai, "photo")
		w.got(mai, 1)
		_, err := w.line.SendImage(t.Context(), shop, mai, picture)
		w.must(err)
		said := w.got(mai, 2)[1]
		_, address, ok := strings.Cut(said, " bytes at ")
		if !ok || !strings.HasPrefix(address, w.base+"/media/") || !strings.HasSuffix(address, ".png") {
			t.Fatalf("the flow says %q, and not where %s serves it", said, w.base)
		}
		res, body := w.fetched(address)
		if res.StatusCode != http.StatusOK || !bytes.Equal(body, picture) || res.Header.Get("Content-Type") != "image/png" {
			t.Fatalf("it is served as %d %s, %d bytes of %d", res.StatusCode, res.Header.Get("Content-Type"), len(body), len(picture))
		}
		w.foreseen = "no identity" // their profile may be asked for at this moment
		w.cli("contacts", "erase", w.contact(0), "--yes")
		if res, _ := w.fetched(address); res.StatusCode != http.StatusNotFound {
			t.Errorf("the person is erased, their picture is served: %d", res.StatusCode)
		}
	})
}

// What cannot be kept stays at the platform's link, and the author is told.
func TestAPictureTooLargeStaysWithThePlatform(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tailors()
		mai := w.person(0)
		w.writes(mai, "photo")
		w.got(mai, 1)
		_, err := w.line.SendMedia(t.Context(), shop, mai, sandbox.Media{Data: photo(t, 5100)})
		w.must(err)
		if said := w.got(mai, 2)[1]; !strings.Contains(said, " at "+w.lineURL) {
			t.Errorf("the flow says %q", said)
		}
		_, timeline := w.calls(http.MethodGet, w.path("/contacts/"+w.contact(0)+"/timeline"), w.token, "")
		text, err := json.Marshal(timeline)
		w.must(err)
		if !strings.Contains(string(text), "media:not_kept") || !strings.Contains(string(text), "5100 × 5100 pixels") {
			t.Errorf("the author is told %s", text)
		}
	})
}

// A flow names a file by its id; the person gets it at its address. It is not
// deleted while the flow names it.
func TestAFlowShowsAnUploadedFile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.tailors()
		mai := w.person(0)
		w.writes(mai, "catalogue")
		w.got(mai, 1)
		sent, err := json.Marshal(w.line.AcceptedFor(mai)[0].Messages)
		w.must(err)
		address := w.base + "/media/" + id + "/prices.pdf"
		if !strings.Contains(string(sent), address) {
			t.Fatalf("LINE got %s, without %s", sent, address)
		}
		if res, body := w.fetched(address); res.StatusCode != http.StatusOK || string(body) != "%PDF-1.7 prices" {
			t.Errorf("it is served as %d %q", res.StatusCode, body)
		}
		if _, errs, code := w.tries("media", "delete", id); code != 3 || !strings.Contains(errs, `the flow "tailor"`) {
			t.Errorf("delete ended with %d: %s", code, errs)
		}
		w.cli("media", "delete", "media:"+id, "--force")
		if res, _ := w.fetched(address); res.StatusCode != http.StatusNotFound {
			t.Errorf("it is deleted, and served: %d", res.StatusCode)
		}
		w.writes(mai, "catalogue")
		for range polls { // nothing is shown for it, and its author is told
			_, timeline := w.calls(http.MethodGet, w.path("/contacts/"+w.contact(0)+"/timeline"), w.token, "")
			if text, _ := json.Marshal(timeline); strings.Contains(string(text), "media:missing") {
				return
			}
			w.pause()
		}
		t.Error("nobody is told that the file is not there")
	})
}

// A picture that goes to many on Messenger is uploaded once for the Page; when
// Meta has forgotten it, nobody misses it.
func TestMessengerKeepsAFileThatGoesToMany(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.connectPage()
		picture := filepath.Join(t.TempDir(), "shirt.png")
		w.must(os.WriteFile(picture, photo(t, 32), 0o600))
		id := w.field(w.cli("media", "upload", picture, "--json"), "id")
		address := w.base + "/media/" + id + "/shirt.png"
		mai := w.onPage(0)
		_, err := w.line.Write(t.Context(), page, mai, "hello")
		w.must(err)
		first := len(w.got(mai, 2)) // Messenger takes one message a call
		show := func(n int) string {
			t.Helper()
			status, answer := w.calls(http.MethodPost, w.path("/sends"), w.token, `{"to":{"user":"`+mai+`","account":"`+w.page+`"},"messages":[{"type":"image","url":"media:`+id+`"}]}`)
			if status != http.StatusAccepted {
				t.Fatalf("%d %v", status, answer)
			}
			w.got(mai, first+n)
			call := w.line.AcceptedFor(mai)[first+n-1]
			if shown := string(call.Messages[0]); !strings.Contains(shown, address) {
				t.Errorf("they see %s, not %s", shown, address)
			}
			return string(call.Body)
		}
		for n := range 3 {
			if body := show(n + 1); !strings.Contains(body, "attachment_id") || strings.Contains(body, address) {
				t.Errorf("message %d goes as %s", n+1, body)
			}
		}
		if n := w.line.Uploads(page); n != 1 {
			t.Errorf("it was uploaded %d times", n)
		}
		w.line.ForgetUploads(page)
		if body := show(4); !strings.Contains(body, address) {
			t.Errorf("when Meta has forgotten it it goes as %s", body)
		}
		if body := show(5); !strings.Contains(body, "attachment_id") || w.line.Uploads(page) != 2 {
			t.Errorf("after that it goes as %s, after %d uploads", body, w.line.Uploads(page))
		}
	})
}
