package line

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// What a personal broadcast and a catalogue cost to render.
func BenchmarkRender(b *testing.B) {
	button := blocks.Button{Title: "Track it", Action: blocks.ActionGoto, Payload: "b1.k7q2m9x4t1wz.0.65f0a1b2c3d4e5f6a7b8c901"}
	var cards []blocks.Card
	for i := range 12 {
		cards = append(cards, blocks.Card{Title: fmt.Sprint("Tee ", i), Subtitle: "Cotton", ImageURL: "https://cdn.example.com/p.jpg", Buttons: []blocks.Button{button}})
	}
	for name, m := range map[string]blocks.Message{
		"text":     {Part: &blocks.Text{Text: "Hi Mai, order A1024 (NT$1,280) is on its way."}},
		"buttons":  {Part: &blocks.Text{Text: "Order A1024 is on its way.", Buttons: []blocks.Button{button, button, button}}},
		"carousel": {Part: &blocks.Carousel{Cards: cards}},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if len((&Channel{}).Render([]blocks.Message{m})) != 1 {
					b.Fatal("want one payload")
				}
			}
		})
	}
}

// BenchmarkReceive reads the webhook of one text, as LINE posts it.
func BenchmarkReceive(b *testing.B) {
	body := []byte(`{"destination":"Ushop","events":[{"type":"message","message":{"type":"text","id":"468789577898262530",` +
		`"quoteToken":"q3Plxr4AgKd...","text":"Cho mình hỏi đơn A1024 đến đâu rồi?"},"webhookEventId":"01H810YECXQQZ37VAXPF6H9E6T",` +
		`"deliveryContext":{"isRedelivery":false},"timestamp":1462629479859,"source":{"type":"user","userId":"U4af4980629fab3d2b7c5d1e6f0a9b8c7"},` +
		`"replyToken":"nHuyWiB7yP5Zw52FIkcQobQuGDXCTA","mode":"active"}]}`)
	account := channels.Account{Secrets: map[string]string{secretField: "s"}}
	mac := hmac.New(sha256.New, []byte("s"))
	mac.Write(body)
	request := &channels.Request{Body: body, Header: http.Header{"X-Line-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))}}}
	b.ReportAllocs()
	for b.Loop() {
		received, err := (&Channel{}).Receive(account, request)
		if err != nil || len(received.Updates) != 1 {
			b.Fatalf("%+v, %v", received, err)
		}
	}
}
