package firstline

import (
	"encoding/json"
	"testing"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

func TestContactableOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]channels.Kind{
		`App\LineContact`: channels.LINE, `App\\LineContact`: channels.LINE, `\App\LineContact`: channels.LINE, "linecontact": channels.LINE, "LINE": channels.LINE,
		`App\FbContact`: channels.Messenger, "messenger": channels.Messenger, "fb": channels.Messenger, `App\IgContact`: "instagram", "ig": "instagram",
		`App\LivechatContact`: "livechat", `App\TelegramContact`: "telegram", `App\ViberContact`: "viber", `App\WechatContact`: "wechat",
		"": "", "Contact": "", `App\SmsContact`: "", `LineContact\`: "", "App/LineContact": "",
	} {
		got, ok := contactableOf(text)
		if got.kind != want || ok != (want != "") {
			t.Errorf("%q is %q, want %q", text, got.kind, want)
		}
	}
}

func TestForced(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value     any
		force, ok bool
	}{
		{json.Number("1"), true, true}, {"1", true, true}, {true, true, true}, {" TRUE ", true, true},
		{nil, false, true}, {json.Number("0"), false, true}, {"0", false, true}, {false, false, true}, {"False", false, true},
		{"yes", false, false}, {json.Number("2"), false, false}, {[]any{}, false, false},
	} {
		if force, ok := forced(c.value); force != c.force || ok != c.ok {
			t.Errorf("%v is %v, %v", c.value, force, ok)
		}
	}
}

// FuzzReadPush holds the reader to what a push needs: whom, and something to
// say; or what is wrong, by field.
func FuzzReadPush(f *testing.F) {
	f.Add("token=x", `{"contactable_type":"App\\LineContact","contactable_id":7,"type":"text","message":"Hi","is_force":"1"}`)
	f.Add("contactable_type=line&contactable_id=7", `{"type":"button","message":{"explain_text":"?","options":[{"label":"a"}]}}`)
	f.Add("", `type=carousel&message[columns][0][title]=A&is_force=maybe`)
	f.Add("line_uid=U7&phone_number&page=2", "")
	f.Fuzz(func(t *testing.T, query, body string) {
		var empty []string
		given, err := lenient.Read(lenient.Request{Query: query, Body: []byte(body), Empty: func(name string) { empty = append(empty, name) }})
		if err != nil {
			return
		}
		if page, err := readSearch(given, empty); err == nil && (page < 1 || page > maxPage) {
			t.Errorf("page %d", page)
		}
		w, err := readPush(given)
		if err != nil {
			wrong, ok := err.(*wrongFields)
			if !ok || len(wrong.byField) == 0 || wrong.Error() == "" {
				t.Fatalf("not by field: %v", err)
			}
			return
		}
		if w.contactable.kind == "" || w.id == "" || w.message.Part == nil {
			t.Errorf("read as %+v", w)
		}
	})
}
