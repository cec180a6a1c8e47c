package messengerrules

import (
	"encoding/json"
	"strings"
	"testing"
)

func button(title string) string {
	return `{"type":"postback","title":"` + title + `","payload":"p"}`
}

func buttonTemplate(text, buttons string) string {
	return `{"attachment":{"type":"template","payload":{"template_type":"button","text":"` + text + `","buttons":[` + buttons + `]}}}`
}

func cards(elements string) string {
	return `{"attachment":{"type":"template","payload":{"template_type":"generic","elements":[` + elements + `]}}}`
}

func utility(components string) string {
	return `{"attachment":{"type":"template","payload":{"template_type":"utility_messages","name":"a","language":{"code":"en_US"},"components":[` + components + `]}}}`
}

func times(n int, s string) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }

func TestCheck(t *testing.T) {
	t.Parallel()
	const quick = `{"content_type":"text","title":"Blue","payload":"p"}`
	for name, c := range map[string]struct{ message, fault string }{
		"text":               {`{"text":"hi"}`, ""},
		"text of 1999":       {`{"text":"` + strings.Repeat("x", 1999) + `"}`, ""},
		"text of 2000":       {`{"text":"` + strings.Repeat("x", 2000) + `"}`, "message[text] must be at most 1999"},
		"emoji of 2000":      {`{"text":"` + strings.Repeat("😀", 1000) + `"}`, "message[text] must be at most 1999"},
		"empty text":         {`{"text":" "}`, "message[text] must be a non-empty"},
		"number for text":    {`{"text":7}`, "message[text] must be a string"},
		"nothing":            {``, "message is required"},
		"null":               {`null`, "message is required"},
		"list":               {`[]`, "message must be an object"},
		"empty":              {`{}`, "exactly one of"},
		"text and file":      {`{"text":"a","attachment":{}}`, "exactly one of"},
		"unknown key":        {`{"text":"a","tag":"X"}`, `invalid key "tag"`},
		"metadata":           {`{"text":"a","metadata":"` + strings.Repeat("x", 999) + `"}`, ""},
		"long metadata":      {`{"text":"a","metadata":"` + strings.Repeat("x", 1000) + `"}`, "message[metadata] must be at most 999"},
		"13 quick replies":   {`{"text":"a","quick_replies":[` + times(13, quick) + `]}`, ""},
		"14 quick replies":   {`{"text":"a","quick_replies":[` + times(14, quick) + `]}`, "between 1 and 13"},
		"no quick reply":     {`{"text":"a","quick_replies":[]}`, "between 1 and 13"},
		"quick long title":   {`{"text":"a","quick_replies":[{"content_type":"text","title":"` + strings.Repeat("x", 21) + `","payload":"p"}]}`, "[0][title] must be at most 20"},
		"quick no payload":   {`{"text":"a","quick_replies":[{"content_type":"text","title":"a"}]}`, "[payload] is required"},
		"quick e-mail":       {`{"text":"a","quick_replies":[{"content_type":"user_email"}]}`, ""},
		"quick location":     {`{"text":"a","quick_replies":[{"content_type":"location"}]}`, "must be one of {TEXT"},
		"image":              {`{"attachment":{"type":"image","payload":{"url":"https://ex.example/a.jpg","is_reusable":true}}}`, ""},
		"image by id":        {`{"attachment":{"type":"image","payload":{"attachment_id":"1"}}}`, ""},
		"image of nothing":   {`{"attachment":{"type":"image","payload":{}}}`, "either url or attachment_id"},
		"bad address":        {`{"attachment":{"type":"image","payload":{"url":"ftp://ex.example/a"}}}`, "valid URL"},
		"blank in address":   {`{"attachment":{"type":"image","payload":{"url":"https://ex.example/a b"}}}`, "valid URL"},
		"location":           {`{"attachment":{"type":"location","payload":{}}}`, "must be one of {AUDIO"},
		"30 images":          {`{"attachments":[` + times(30, `{"type":"image","payload":{"url":"https://ex.example/a.jpg"}}`) + `]}`, ""},
		"film among images":  {`{"attachments":[{"type":"video","payload":{"url":"https://ex.example/a.mp4"}}]}`, "must be image"},
		"buttons":            {buttonTemplate("What next?", times(3, button("a"))), ""},
		"4 buttons":          {buttonTemplate("What next?", times(4, button("a"))), "between 1 and 3"},
		"no buttons":         {buttonTemplate("What next?", ""), "between 1 and 3"},
		"long button text":   {buttonTemplate(strings.Repeat("x", 641), button("a")), "must be at most 640"},
		"long title":         {buttonTemplate("a", button(strings.Repeat("x", 21))), "must be at most 20"},
		"national number":    {buttonTemplate("a", `{"type":"phone_number","title":"a","payload":"0800123"}`), "country code"},
		"number":             {buttonTemplate("a", `{"type":"phone_number","title":"a","payload":"+1 (555) 000-1111"}`), ""},
		"link to a phone":    {buttonTemplate("a", `{"type":"web_url","title":"a","url":"tel:+123456"}`), "valid URL"},
		"unknown button":     {buttonTemplate("a", `{"type":"share","title":"a"}`), "must be one of {WEB_URL"},
		"card":               {cards(`{"title":"a","subtitle":"b"}`), ""},
		"bare card":          {cards(`{"title":"a"}`), "at least one property besides title"},
		"10 cards":           {cards(times(10, `{"title":"a","subtitle":"b"}`)), ""},
		"11 cards":           {cards(times(11, `{"title":"a","subtitle":"b"}`)), "between 1 and 10"},
		"long card title":    {cards(`{"title":"` + strings.Repeat("x", 81) + `","subtitle":"b"}`), "must be at most 80"},
		"titled tap":         {cards(`{"title":"a","default_action":{"type":"web_url","title":"x","url":"https://ex.example"}}`), "without a title"},
		"postback tap":       {cards(`{"title":"a","default_action":{"type":"postback","payload":"x"}}`), "must be a web_url"},
		"unknown template":   {`{"attachment":{"type":"template","payload":{"template_type":"poem"}}}`, "template type"},
		"foreign media":      {`{"attachment":{"type":"template","payload":{"template_type":"media","elements":[{"media_type":"image","url":"https://ex.example/a"}]}}}`, "Facebook URL"},
		"own media":          {`{"attachment":{"type":"template","payload":{"template_type":"media","elements":[{"media_type":"image","attachment_id":"1"}]}}}`, ""},
		"utility":            {`{"attachment":{"type":"template","payload":{"template_type":"utility_messages","name":"a","language":{"code":"en_US"},"components":[{"type":"body","parameters":[{"type":"text","text":"Ada"}]}]}}}`, ""},
		"utility in full":    {utility(`{"type":"header","parameters":[{"type":"image","image":{"link":"https://ex.example/a.jpg"}}]},{"type":"button","sub_type":"quick_reply","index":0,"parameters":[{"type":"payload","payload":"p"}]},{"type":"button","sub_type":"url","index":1,"parameters":[{"type":"text","text":"A1"}]}`), ""},
		"utility footer":     {utility(`{"type":"footer","parameters":[{"type":"text","text":"a"}]}`), "must be one of {HEADER, BODY, BUTTON}"},
		"utility two texts":  {utility(`{"type":"body","parameters":[{"type":"text","text":"a"}]},{"type":"body","parameters":[{"type":"text","text":"a"}]}`), "must not be repeated"},
		"utility no type":    {utility(`{"type":[]}`), "must be one of {HEADER, BODY, BUTTON}"},
		"utility no value":   {utility(`{"type":"body","parameters":[]}`), "between 1 and 50"},
		"utility empty":      {utility(`{"type":"body","parameters":[{"type":"text","text":" "}]}`), "non-empty"},
		"utility no index":   {utility(`{"type":"button","sub_type":"quick_reply","parameters":[{"type":"payload","payload":"p"}]}`), "must be the place of a button"},
		"utility button":     {utility(`{"type":"button","sub_type":"call","index":0,"parameters":[{"type":"payload","payload":"p"}]}`), "must be one of {QUICK_REPLY, URL}"},
		"utility no payload": {utility(`{"type":"button","sub_type":"quick_reply","index":0,"parameters":[{"type":"text","text":"p"}]}`), "invalid key"},
		"utility bad link":   {utility(`{"type":"header","parameters":[{"type":"image","image":{"link":"ftp://ex.example/a.jpg"}}]}`), "valid URL"},
		"utility header":     {utility(`{"type":"header","parameters":[{"type":"sound","sound":{}}]}`), "must be one of {TEXT"},
		"utility no name":    {`{"attachment":{"type":"template","payload":{"template_type":"utility_messages","language":{"code":"en_US"}}}}`, "[name] is required"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Check([]byte(c.message))
			switch {
			case c.fault == "" && got != nil:
				t.Errorf("refused: %v", got)
			case c.fault != "" && (got == nil || !strings.Contains(got.Error(), c.fault)):
				t.Errorf("got %v, want %q", got, c.fault)
			}
		})
	}
}

// Whatever is checked, the answer is Meta's form and comes.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(buttonTemplate("a", button("b"))))
	f.Add([]byte(cards(`{"title":"a","subtitle":"b"}`)))
	f.Add([]byte(utility(`{"type":"button","sub_type":"url","index":1,"parameters":[{"type":"text","text":"A1"}]}`)))
	f.Add([]byte(`{"text":"a","quick_replies":[{"content_type":"user_email"}]}`))
	f.Fuzz(func(t *testing.T, message []byte) {
		p := Check(message)
		if p == nil && !json.Valid(message) {
			t.Fatalf("%q is no JSON and is taken", message)
		}
		if p != nil && (p.Code != InvalidParameter || p.Message == "") {
			t.Fatalf("incomplete: %+v", p)
		}
	})
}
