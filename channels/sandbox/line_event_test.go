package sandbox

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// The sheet's vectors; the third is LINE's own published sample.
func TestSignature(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ secret, body, want string }{
		{secret, `{"destination":"U00112233445566778899aabbccddeeff","events":[]}`, "6gL+qRtAgRB5/vB2OCVga9z1qh5g8J+zMvXPj99edGs="},
		{secret, `{"destination":"U00112233445566778899aabbccddeeff","events":[{"type":"message","message":{"type":"text","id":"600000000000000001","quoteToken":"qt-1","text":"Olá 👋 สวัสดี"},"timestamp":1767225600123,"source":{"type":"user","userId":"Uaaaabbbbccccddddeeeeffff00001111"},"replyToken":"00000000aaaa4bbb8cccdddddddddddd","mode":"active","webhookEventId":"01KDVR0000ABCDEFGHJKMNPQRS","deliveryContext":{"isRedelivery":false}}]}`, "P3EF/HqK7CFZMG65ElzGi9wax4jDLYoZVpmAePb+LPc="},
		{"8c570fa6dd201bb328f1c1eac23a96d8", `{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}`, "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="},
	} {
		if got := SignLINE(tt.secret, []byte(tt.body)); got != tt.want {
			t.Errorf("SignLINE = %s, want %s", got, tt.want)
		}
	}
}

// events are the fields all tests look at.
type events struct {
	Destination string `json:"destination"`
	Events      []struct {
		Type       string `json:"type"`
		ReplyToken string `json:"replyToken"`
		Timestamp  int64  `json:"timestamp"`
		ID         string `json:"webhookEventId"`
		Source     struct{ UserID string }
		Delivery   struct{ IsRedelivery bool } `json:"deliveryContext"`
		Message    map[string]any              `json:"message"`
		Postback   map[string]any              `json:"postback"`
	} `json:"events"`
}

func (b *bundle) posted() events {
	b.t.Helper()
	var e events
	if err := json.Unmarshal(b.hook.last(b.t).body, &e); err != nil {
		b.t.Fatal(err)
	}
	return e
}

func TestEventsOfPeople(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	tests := []struct {
		name, kind string
		do         func(*bundle) (*Event, error)
		part, want string // JSON of message or postback, without ids
	}{
		{"text", "message", func(b *bundle) (*Event, error) { return b.Write(ctx, "shop", b.mai, "Đơn <7> & 好 😀") }, "message", `{"text":"Đơn <7> & 好 😀","type":"text"}`},
		{"location", "message", func(b *bundle) (*Event, error) {
			return b.SendLocation(ctx, "shop", b.mai, Place{"Shop", "1 Sample Rd", 0, 100.5})
		}, "message", `{"address":"1 Sample Rd","latitude":0,"longitude":100.5,"title":"Shop","type":"location"}`},
		{"sticker", "message", func(b *bundle) (*Event, error) { return b.SendSticker(ctx, "shop", b.mai, "446", "1988", "hello") }, "message", `{"keywords":["hello"],"packageId":"446","stickerId":"1988","stickerResourceType":"STATIC","type":"sticker"}`},
		{"image", "message", func(b *bundle) (*Event, error) { return b.SendImage(ctx, "shop", b.mai, nil) }, "message", `{"contentProvider":{"type":"line"},"type":"image"}`},
		{"file", "message", func(b *bundle) (*Event, error) {
			return b.SendMedia(ctx, "shop", b.mai, Media{Type: "file", Name: "plan.pdf", Data: []byte("%PDF")})
		}, "message", `{"fileName":"plan.pdf","fileSize":4,"type":"file"}`},
		{"postback", "postback", func(b *bundle) (*Event, error) { return b.Postback(ctx, "shop", b.mai, "n=42&b=yes") }, "postback", `{"data":"n=42&b=yes"}`},
		{"follow", "follow", func(b *bundle) (*Event, error) { return b.Follow(ctx, "shop", b.mai) }, "", ""},
		{"unfollow", "unfollow", func(b *bundle) (*Event, error) { return b.Unfollow(ctx, "shop", b.mai) }, "", ""},
		{"video", "videoPlayComplete", func(b *bundle) (*Event, error) { return b.Watched(ctx, "shop", b.mai, "bc-7") }, "", ""},
		{"unsend", "unsend", func(b *bundle) (*Event, error) { return b.Unsend(ctx, "shop", b.mai, "7") }, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			e, err := tt.do(b)
			if err != nil {
				t.Fatal(err)
			}
			hooked, posted := b.hook.last(t), b.posted()
			if hooked.header.Get("X-Line-Signature") != SignLINE(secret, hooked.body) {
				t.Error("not signed")
			}
			if got := hooked.header.Get("Content-Type"); got != "application/json; charset=utf-8" {
				t.Errorf("content type %q", got)
			}
			if strings.Contains(string(hooked.body), `\u00`) {
				t.Errorf("escaped: %s", hooked.body)
			}
			got := posted.Events[0]
			if posted.Destination != b.line["shop"].UserID || got.Type != tt.kind || got.Source.UserID != b.mai ||
				got.Timestamp != b.clock.now().UnixMilli() || len(got.ID) != 26 || got.ID != e.ID || got.Delivery.IsRedelivery {
				t.Errorf("posted %s", hooked.body)
			}
			replyable := tt.kind != "unfollow" && tt.kind != "unsend"
			if (got.ReplyToken != "") != replyable || got.ReplyToken != e.ReplyToken {
				t.Errorf("reply token %q", got.ReplyToken)
			}
			part := map[string]map[string]any{"message": got.Message, "postback": got.Postback}[tt.part]
			delete(part, "id")
			delete(part, "quoteToken")
			if raw, _ := encode(part); tt.want != "" && string(raw) != tt.want {
				t.Errorf("%s %s, want %s", tt.part, raw, tt.want)
			}
			if chat := b.Chat("shop", b.mai); len(chat) != 1 || chat[0].EventID != e.ID || chat[0].Status != 200 {
				t.Errorf("chat shows %+v", chat)
			}
		})
	}
}

func TestRedeliverySaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	e := b.write(b.mai, "hi")
	first := b.posted().Events[0]
	b.clock.pass(5 * time.Second)
	again, err := b.Redeliver(t.Context(), "shop", e.ID)
	if err != nil {
		t.Fatal(err)
	}
	second := b.posted().Events[0]
	if !second.Delivery.IsRedelivery || second.ID != first.ID || second.Timestamp != first.Timestamp || second.ReplyToken != first.ReplyToken || again.ID != e.ID {
		t.Errorf("redelivered %+v of %+v", second, first)
	}
	if _, err := b.Redeliver(t.Context(), "shop", "none"); err == nil {
		t.Error("redelivered what never was")
	}
}

func TestSeveralEventsInOneWebhook(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, err := b.TextEvent("shop", b.mai, "one")
	if err != nil {
		t.Fatal(err)
	}
	two, err := b.TextEvent("shop", b.lan, "two")
	if err != nil {
		t.Fatal(err)
	}
	if status, err := b.Post(t.Context(), "shop", one.Raw, two.Raw, one.Raw); err != nil || status != 200 {
		t.Fatal(status, err)
	}
	if n := len(b.posted().Events); n != 3 {
		t.Errorf("posted %d events", n)
	}
	b.want(b.reply(two.ReplyToken), 200, "")
	if one.ID == two.ID || one.MessageID == two.MessageID {
		t.Error("two events share an id")
	}
}

func TestRefusedWebhookIsAnErrorAndShows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.hook.status = 401
	e, err := b.Write(t.Context(), "shop", b.mai, "hi")
	if err == nil || e == nil || e.Status != 401 {
		t.Errorf("Write = %+v, %v", e, err)
	}
	if chat := b.Chat("shop", b.mai); chat[0].Status != 401 || chat[0].Failure == "" {
		t.Errorf("chat shows %+v", chat[0])
	}
	if c := b.Counts(); c.Events != 1 || c.Unanswered != 1 {
		t.Errorf("counted %+v", c)
	}
}

func TestUnknownPeopleDoNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.Write(t.Context(), "shop", "nobody", "hi"); err == nil || !strings.HasPrefix(err.Error(), "person:") {
		t.Errorf("Write = %v", err)
	}
	if _, err := b.Write(t.Context(), "other", b.mai, "hi"); err == nil || !strings.HasPrefix(err.Error(), "account:") {
		t.Errorf("Write = %v", err)
	}
	if _, err := b.Write(t.Context(), "shop", b.mai, ""); err == nil || !strings.HasPrefix(err.Error(), "text:") {
		t.Errorf("Write = %v", err)
	}
	if len(b.hook.got) != 0 {
		t.Error("posted something")
	}
}

func TestContentOfWhatPeopleSend(t *testing.T) {
	t.Parallel()
	b := setup(t)
	e, err := b.SendMedia(t.Context(), "shop", b.mai, Media{Type: "audio", Data: []byte("sound"), ContentType: "audio/x-m4a", Duration: 8000})
	if err != nil {
		t.Fatal(err)
	}
	path := "/line/v2/bot/message/" + e.MessageID + "/content"
	if got := b.call("GET", path, ""); got.body != "sound" || got.header.Get("Content-Type") != "audio/x-m4a" {
		t.Errorf("content %+v", got)
	}
	b.want(b.call("GET", path+"/preview", ""), 200, "sound")
	b.want(b.call("GET", path+"/transcoding", ""), 200, `{"status":"succeeded"}`)
	b.want(b.call("GET", "/line/v2/bot/message/1/content", ""), 404, message("Not found"))
	if _, err := b.Unsend(t.Context(), "shop", b.mai, e.MessageID); err != nil {
		t.Fatal(err)
	}
	b.want(b.call("GET", path, ""), 410, message("Gone"))
	if _, err := b.SendMedia(t.Context(), "shop", b.mai, Media{Type: "hologram"}); err == nil {
		t.Error("sent a hologram")
	}

	demo, err := b.SendImage(t.Context(), "shop", b.mai, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := b.call("GET", "/line/v2/bot/message/"+demo.MessageID+"/content", "")
	if got.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(got.body, "\x89PNG") {
		t.Errorf("the demo picture is %q", got.header.Get("Content-Type"))
	}
}

func TestTaps(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	b := setup(t)
	send := func(messages string) {
		t.Helper()
		b.want(b.call("POST", "/line/v2/bot/message/push", `{"to":"`+b.mai+`","messages":[`+messages+`]}`), 200, "")
	}
	send(`{"type":"template","altText":"a","template":{"type":"buttons","text":"t","actions":[
		{"type":"postback","label":"Track","data":"t=1","displayText":"Track it"},
		{"type":"datetimepicker","label":"When","data":"w","mode":"date","initial":"2026-02-03"},
		{"type":"uri","label":"Shop","uri":"https://shop.example"}]}},
		{"type":"flex","altText":"f","contents":{"type":"bubble","footer":{"type":"box","layout":"vertical","contents":[{"type":"button","action":{"type":"message","label":"Buy","text":"I buy it"}}]}}},
		{"type":"text","text":"?","quickReply":{"items":[{"type":"action","action":{"type":"postback","label":"Yes","data":"y"}}]}}`)

	if _, err := b.Tap(ctx, "shop", b.mai, "Yes"); err != nil {
		t.Fatal(err)
	}
	if got := b.posted().Events[0]; got.Postback["data"] != "y" {
		t.Errorf("posted %+v", got)
	}
	if _, err := b.Tap(ctx, "shop", b.mai, "Yes"); err == nil {
		t.Error("a quick reply was tapped twice")
	}
	if _, err := b.Tap(ctx, "shop", b.mai, "Track"); err != nil {
		t.Fatal(err)
	}
	chat := b.Chat("shop", b.mai)
	if got := string(chat[len(chat)-1].Message); !strings.Contains(got, "Track it") {
		t.Errorf("chat shows %s", got)
	}
	if _, err := b.Tap(ctx, "shop", b.mai, "Buy"); err != nil {
		t.Fatal(err)
	}
	if got := b.posted().Events[0]; got.Message["text"] != "I buy it" {
		t.Errorf("posted %+v", got)
	}
	if e, err := b.Tap(ctx, "shop", b.mai, "Shop"); err != nil || e.URI != "https://shop.example" || e.ID != "" {
		t.Errorf("Tap = %+v, %v", e, err)
	}
	for picked, want := range map[string]string{"": "2026-02-03", "2026-03-04": "2026-03-04"} {
		if _, err := b.Pick(ctx, "shop", b.mai, "When", picked); err != nil {
			t.Fatal(err)
		}
		got := b.posted().Events[0].Postback
		if params, _ := got["params"].(map[string]any); got["data"] != "w" || params["date"] != want {
			t.Errorf("posted %+v, want %s", got, want)
		}
	}
	if _, err := b.Pick(ctx, "shop", b.mai, "When", "tomorrow"); err == nil {
		t.Error("picked tomorrow")
	}
	if _, err := b.Tap(ctx, "shop", b.mai, "Nothing"); err == nil || !strings.HasPrefix(err.Error(), "label:") {
		t.Errorf("Tap = %v", err)
	}
}
