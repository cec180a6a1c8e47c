package app

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func answering(t *testing.T, h http.HandlerFunc) *client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return newClient(s.URL+"/", "the token")
}

func TestACallCarriesTokenAndBody(t *testing.T) {
	t.Parallel()
	api := answering(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Authorization") != "Bearer the token" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("header %v", r.Header)
		}
		fmt.Fprintf(w, `{"path":%q,"body":%s}`, r.URL.EscapedPath(), body)
	})
	s := &botSession{&session{client: api}, botView{ID: "b"}}
	got, err := api.call(t.Context(), http.MethodPut, s.path("flows", "đơn/hàng"), json.RawMessage(`{"flow":1.50}`))
	if want := `{"path":"/v1/bots/b/flows/%C4%91%C6%A1n%2Fh%C3%A0ng","body":{"flow":1.50}}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestRefusalsAreToldInTheServersWords(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, body string
		status     int
		code       int
		want       []string
	}{
		{"unknown", `{"title":"Not Found","detail":"there is no block \"x\"","hint":"did you mean y?"}`, 404, exitAbsent, []string{`no block "x"`, "did you mean y?"}},
		{"fields", `{"title":"Unprocessable Entity","detail":"the call is wrong","errors":[{"location":"body.to","message":"is missing"}]}`, 422, exitUsage, []string{"the call is wrong", "\n  body.to: is missing"}},
		{"policy", `{"detail":"they blocked the account","reason":"blocked"}`, 409, exitRefused, []string{"they blocked the account"}},
		{"ours", `{"title":"Internal Server Error","detail":"internal error","request_id":"r1"}`, 500, exitFailed, []string{"internal error (request r1)"}},
		{"not ours", `<html>`, 502, exitFailed, []string{"answered 502 Bad Gateway"}},
		{"no words", `{}`, 401, exitFailed, []string{"answered 401 Unauthorized"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			api := answering(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			_, err := api.get(t.Context(), "/")
			if err == nil || exitCode(err) != c.code {
				t.Fatalf("error %v with code %d, want %d", err, exitCode(err), c.code)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
		})
	}
}

func TestAListIsReadToItsEndOrLimit(t *testing.T) {
	t.Parallel()
	const have = 450
	api := answering(t, func(w http.ResponseWriter, r *http.Request) {
		var from, limit int
		_, _ = fmt.Sscan(r.URL.Query().Get("cursor"), &from)
		_, _ = fmt.Sscan(r.URL.Query().Get("limit"), &limit)
		if r.URL.Query().Get("search") != "á" || limit > pageSize {
			t.Errorf("query %v", r.URL.Query())
		}
		page := items{Items: []json.RawMessage{}}
		for n := from; n < min(from+limit, have); n++ {
			page.Items = append(page.Items, json.RawMessage(fmt.Sprint(n)))
		}
		if from+limit < have {
			page.Next = fmt.Sprint(from + limit)
		}
		_ = json.NewEncoder(w).Encode(page)
	})
	for _, c := range []struct{ limit, want int }{{1000, have}, {300, 300}, {1, 1}, {200, 200}} {
		got, err := api.list(t.Context(), "/x?search=%C3%A1", c.limit)
		if err != nil || len(got.Items) != c.want {
			t.Errorf("limit %d: %d items, %v", c.limit, len(got.Items), err)
		}
	}
}

func TestValuesOfTheCommandLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]any{"5": json.Number("5"), "true": true, "text": "text", "[1": "[1", "1 2": "1 2", `"x"`: "x"} {
		if got := jsonOrText(in); got != want {
			t.Errorf("%s is %v (%T), want %v", in, got, got, want)
		}
	}
	file := write(t, "token", "from a file\n")
	p := &Process{In: strings.NewReader("from the input\n")}
	got, err := readValues(p, map[string]string{"a": "plain", "b": "@" + file, "c": "-"})
	if err != nil || got["a"] != "plain" || got["b"] != "from a file" || got["c"] != "from the input" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := readValues(p, map[string]string{"b": "@/nowhere"}); err == nil || !strings.Contains(err.Error(), "b: ") {
		t.Errorf("error %v", err)
	}
}

func TestASendMustBeWhole(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, args, want string }{
		{"nobody", "hello", "to whom"},
		{"nothing", "--phone=1", "name a block"},
		{"both", "hello --text=x --phone=1", "name a block"},
		{"a user of no account", "hello --user=U1", "--user needs --account"},
		{"two people", "hello --phone=1 --contact=2", "--phone"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"sends", "send"}, strings.Fields(c.args)...)
			if _, errs, code := typedIn(t, nil, args...); code != exitUsage || !strings.Contains(errs, c.want) {
				t.Errorf("code %d, %q; want %q", code, errs, c.want)
			}
		})
	}
}

// A list that ends before there are no more says so, beside what it prints.
func TestAListSaysThatThereAreMore(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{"": "", "later": "These are the first 2; there are more.\n"} {
		api := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"items":["Mai","Lan"],"next_cursor":%q}`, next)
		})
		var out, errs strings.Builder
		s := &session{client: api, p: &Process{Out: &out, Err: &errs}}
		err := showList(t.Context(), s, "/", 2, newTable("NAME"), func(name string) []string { return []string{name} })
		if err != nil || errs.String() != want || !strings.Contains(out.String(), "Lan") {
			t.Errorf("%q: %q beside %q, %v", next, errs.String(), out.String(), err)
		}
	}
}
