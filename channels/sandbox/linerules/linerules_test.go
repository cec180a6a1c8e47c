package linerules

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fine are messages LINE takes, most of them as its reference shows them.
var fine = map[string]string{
	"text":           `{"type":"text","text":"Đơn hàng của bạn đã gửi 🎉"}`,
	"text_emoji":     `{"type":"text","text":"👋 Hello $","emojis":[{"index":9,"productId":"5ac0000000000000000000aa","emojiId":"001"}]}`,
	"text_v2":        `{"type":"textV2","text":"{{literal}} {smile}","substitution":{"smile":{"type":"emoji","productId":"p","emojiId":"1"}}}`,
	"text_longest":   `{"type":"text","text":"` + strings.Repeat("好", 5000) + `"}`,
	"null_is_absent": `{"type":"text","text":"hi","quickReply":null,"sender":null}`,
	"unknown_field":  `{"type":"text","text":"hi","someday":true}`,
	"sticker":        `{"type":"sticker","packageId":"446","stickerId":"1988"}`,
	"image":          `{"type":"image","originalContentUrl":"https://a.example/o.jpg","previewImageUrl":"https://a.example/p%20q.jpg?x=1"}`,
	"video":          `{"type":"video","originalContentUrl":"https://a.example/v.mp4","previewImageUrl":"https://a.example/p.jpg","trackingId":"bc-7"}`,
	"audio":          `{"type":"audio","originalContentUrl":"https://a.example/a.m4a","duration":8000}`,
	"location":       `{"type":"location","title":"Shop","address":"1 Sample Rd","latitude":13.75,"longitude":100.5}`,
	"coupon":         `{"type":"coupon","couponId":"01K0"}`,
	"sender":         `{"type":"text","text":"hi","sender":{"name":"Online shop","iconUrl":"https://a.example/i.png"}}`,
	"quick_reply": `{"type":"text","text":"Where?","quickReply":{"items":[
		{"type":"action","imageUrl":"https://a.example/i.png","action":{"type":"postback","label":"Yes","data":"y","displayText":"Yes"}},
		{"type":"action","action":{"type":"location","label":"Send a place"}},
		{"type":"action","action":{"type":"camera","label":"Camera"}},
		{"type":"action","action":{"type":"datetimepicker","label":"When","data":"w","mode":"datetime","min":"2026-01-01t00:00","max":"2026-02-01T00:00","initial":"2026-01-02T09:30"}}]}}`,
	"fill_in":             `{"type":"text","text":"?","quickReply":{"items":[{"type":"action","action":{"type":"postback","label":"A","data":"","inputOption":"openKeyboard","fillInText":"name:"}}]}}`,
	"buttons":             `{"type":"template","altText":"Pick one","template":{"type":"buttons","thumbnailImageUrl":"https://a.example/t.jpg","imageAspectRatio":"rectangle","imageSize":"cover","imageBackgroundColor":"#FFFFFF","title":"Shirts","text":"Which size?","defaultAction":{"type":"uri","label":"See","uri":"https://shop.example/1"},"actions":[{"type":"postback","label":"S","data":"size=s"},{"type":"message","label":"M","text":"M please"},{"type":"uri","label":"Call","uri":"tel:+84901234567"}]}}`,
	"buttons_text_of_160": `{"type":"template","altText":"x","template":{"type":"buttons","text":"` + strings.Repeat("👨‍👩‍👧", 160) + `","actions":[{"type":"message","label":"M","text":"m"}]}}`,
	"confirm":             `{"type":"template","altText":"Sure?","template":{"type":"confirm","text":"Cancel the order?","actions":[{"type":"postback","label":"Yes","data":"c=1"},{"type":"postback","label":"No","data":"c=0"}]}}`,
	"carousel":            `{"type":"template","altText":"Menu","template":{"type":"carousel","imageAspectRatio":"square","columns":[{"thumbnailImageUrl":"https://a.example/1.jpg","title":"A","text":"First","actions":[{"type":"postback","label":"Take","data":"i=1"}]},{"thumbnailImageUrl":"https://a.example/2.jpg","title":"B","text":"Second","actions":[{"type":"postback","label":"Take","data":"i=2"}]}]}}`,
	"image_carousel":      `{"type":"template","altText":"Pictures","template":{"type":"image_carousel","columns":[{"imageUrl":"https://a.example/1.jpg","action":{"type":"postback","label":"One","data":"p=1"}},{"imageUrl":"https://a.example/1.jpg","action":{"type":"uri","uri":"https://a.example"}}]}}`,
	"imagemap":            `{"type":"imagemap","baseUrl":"https://img.example/im/7","altText":"Plan","baseSize":{"width":1040,"height":700},"actions":[{"type":"uri","linkUri":"https://shop.example","area":{"x":0,"y":0,"width":520,"height":700}},{"type":"message","text":"right side","area":{"x":520,"y":0,"width":520,"height":700}}]}`,
	"flex":                flexOf(`{"type":"bubble","hero":{"type":"image","url":"https://a.example/h.jpg","size":"full","aspectRatio":"20:13","aspectMode":"cover"},"body":{"type":"box","layout":"vertical","contents":[{"type":"text","text":"Order 7","weight":"bold","wrap":true}]},"footer":{"type":"box","layout":"vertical","contents":[{"type":"button","style":"primary","action":{"type":"postback","label":"Track it","data":"t=7"}}]}}`),
	"flex_badge": flexOf(`{"type":"carousel","contents":[{"type":"bubble","size":"micro","body":{"type":"box","layout":"vertical","paddingAll":"0px","contents":[
		{"type":"image","url":"https://a.example/h.jpg","size":"full","aspectRatio":"1:1"},
		{"type":"box","layout":"vertical","position":"absolute","offsetTop":"8px","offsetStart":"8px","backgroundColor":"#ff334b","cornerRadius":"100px","paddingStart":"8px","width":"50%","height":"25px",
		 "background":{"type":"linearGradient","angle":"90deg","startColor":"#ff334b","endColor":"#ff334b80"},"contents":[{"type":"text","text":"SALE","size":"xs","color":"#ffffff"}]}]}}]}`),
	"flex_spans":    flexOf(`{"type":"bubble","body":{"type":"box","layout":"baseline","contents":[{"type":"icon","url":"https://a.example/i.png","size":"sm"},{"type":"text","contents":[{"type":"span","text":"a","weight":"bold"}]},{"type":"filler"}]}}`),
	"flex_video":    flexOf(`{"type":"bubble","size":"giga","hero":{"type":"video","url":"https://a.example/v.mp4","previewUrl":"https://a.example/p.jpg","aspectRatio":"20:13","altContent":{"type":"image","url":"https://a.example/p.jpg"}}}`),
	"flex_styles":   flexOf(`{"type":"bubble","styles":{"footer":{"separator":true,"separatorColor":"#000000"}},"body":{"type":"box","layout":"horizontal","contents":[{"type":"separator","margin":"md"}]}}`),
	"flex_indented": flexOf(`{"type":"bubble","body":{"type":"box","layout":"vertical","contents":[` + strings.Repeat(" ", 60<<10) + `]}}`),
	"flex_one_line": flexOf(`{"type":"bubble","body":{"type":"box","layout":"vertical","contents":[]}}`),
}

func flexOf(contents string) string {
	return `{"type":"flex","altText":"Flex","contents":` + contents + `}`
}

func TestCheckTakes(t *testing.T) {
	t.Parallel()
	for name, message := range fine {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if r := Check([]byte("[" + message + "]")); r != nil {
				t.Errorf("refused: %+v", r)
			}
		})
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	text := func(n int) string { return strings.Repeat("a", n) }
	action := func(a string) string {
		return `{"type":"template","altText":"x","template":{"type":"buttons","text":"t","actions":[` + a + `]}}`
	}
	quick := func(items string) string {
		return `{"type":"text","text":"t","quickReply":{"items":[` + items + `]}}`
	}
	columns := func(cs ...string) string {
		return `{"type":"template","altText":"x","template":{"type":"carousel","columns":[` + strings.Join(cs, ",") + `]}}`
	}
	body := func(contents string) string {
		return flexOf(`{"type":"bubble","body":{"type":"box","layout":"vertical","contents":[` + contents + `]}}`)
	}
	const (
		reply  = "messages[0].quickReply.items[0]"
		button = "messages[0].template.actions[0]"
		m      = `{"type":"message","label":"M","text":"m"}`
	)
	tests := []struct {
		name, message string
		want          []string // "property: message"; a message may be cut
	}{
		{"no_object", `7`, []string{"messages[0]: Must be an object"}},
		{"type_missing", `{"text":"a"}`, []string{"messages[0].type: May not be empty"}},
		{"type_unknown", `{"type":"file"}`, []string{"messages[0].type: Must be one of the following values: [text, textV2"}},

		{"text_empty", `{"type":"text","text":""}`, []string{"messages[0].text: May not be empty"}},
		{"text_missing", `{"type":"text"}`, []string{"messages[0].text: May not be empty"}},
		{"text_no_text", `{"type":"text","text":7}`, []string{"messages[0].text: Must be a text"}},
		{"text_5001", `{"type":"text","text":"` + text(5001) + `"}`, []string{"messages[0].text: Length must be between 1 and 5000"}},
		{"text_in_utf16", `{"type":"text","text":"` + strings.Repeat("😀", 2501) + `"}`, []string{"messages[0].text: Length must be"}},
		{"emoji_place", `{"type":"text","text":"a$","emojis":[{"index":0,"productId":"p","emojiId":"1"}]}`, []string{"messages[0].emojis[0].index: Must be the position of a $"}},
		{"v2_missing", `{"type":"textV2","text":"{who}"}`, []string{"messages[0].substitution: Must have a value for {who}"}},
		{"v2_open", `{"type":"textV2","text":"{who"}`, []string{"messages[0].text: Braces must be closed"}},
		{"v2_mention", `{"type":"textV2","text":"{w}","substitution":{"w":{"type":"mention","mentionee":{"type":"all"}}}}`, []string{"messages[0].substitution.w.type: Mentions are for groups"}},

		{"image_http", `{"type":"image","originalContentUrl":"http://a.example/a","previewImageUrl":"https://a.example/a"}`, []string{"messages[0].originalContentUrl: invalid uri scheme"}},
		{"image_preview", `{"type":"image","originalContentUrl":"https://a.example/a"}`, []string{"messages[0].previewImageUrl: May not be empty"}},
		{"image_not_encoded", `{"type":"image","originalContentUrl":"https://a.example/ảnh.jpg","previewImageUrl":"https://a.example/a b"}`, []string{"messages[0].originalContentUrl: invalid uri", "messages[0].previewImageUrl: invalid uri"}},
		{"image_2001", `{"type":"image","originalContentUrl":"https://a.example/` + text(1983) + `","previewImageUrl":"https:///a"}`, []string{"messages[0].originalContentUrl: Length must be between 1 and 2000", "messages[0].previewImageUrl: invalid uri"}},
		{"audio_duration", `{"type":"audio","originalContentUrl":"https://a.example/a"}`, []string{"messages[0].duration: May not be null"}},
		{"audio_fraction", `{"type":"audio","originalContentUrl":"https://a.example/a","duration":1.5}`, []string{"messages[0].duration: Must be a whole number"}},
		{"video_tracking", `{"type":"video","originalContentUrl":"https://a.example/a","previewImageUrl":"https://a.example/a","trackingId":"` + text(101) + `"}`, []string{"messages[0].trackingId: Length"}},
		{"location", `{"type":"location","title":"` + text(101) + `","address":"","latitude":91,"longitude":"x"}`, []string{"messages[0].title: Length must be between 1 and 100", "messages[0].address: May not be empty", "messages[0].latitude: Must be between -90 and 90", "messages[0].longitude: Must be a number"}},

		{"sender_name", `{"type":"text","text":"a","sender":{"name":"LINE shop"}}`, []string{"messages[0].sender.name: May not contain"}},
		{"sender_long", `{"type":"text","text":"a","sender":{"name":"` + text(21) + `"}}`, []string{"messages[0].sender.name: Length must be between 0 and 20"}},

		{"quick_14", quick(strings.TrimSuffix(strings.Repeat(`{"type":"action","action":`+m+`},`, 14), ",")), []string{"messages[0].quickReply.items: Size must be between 1 and 13"}},
		{"quick_none", quick(""), []string{"messages[0].quickReply.items: Size"}},
		{"quick_type", quick(`{"action":` + m + `}`), []string{reply + ".type: May not be empty"}},
		{"quick_action", quick(`{"type":"action"}`), []string{reply + ".action: May not be null"}},
		{"quick_label", quick(`{"type":"action","action":{"type":"message","text":"m","label":"` + text(21) + `"}}`), []string{reply + ".action.label: Length must be between 1 and 20"}},
		{"quick_icon", quick(`{"type":"action","imageUrl":"http://a.example","action":` + m + `}`), []string{reply + ".imageUrl: invalid uri scheme"}},

		{"label_missing", action(`{"type":"message","text":"m"}`), []string{button + ".label: May not be empty"}},
		{"label_graphemes", action(`{"type":"message","text":"m","label":"` + strings.Repeat("🇻🇳", 21) + `"}`), []string{button + ".label: Length"}},
		{"message_text", action(`{"type":"message","label":"a","text":"` + text(301) + `"}`), []string{button + ".text: Length must be between 1 and 300"}},
		{"postback_data", action(`{"type":"postback","label":"a"}`), []string{button + ".data: May not be null"}},
		{"postback_301", action(`{"type":"postback","label":"a","data":"` + text(301) + `","displayText":"` + text(301) + `"}`), []string{button + ".data: Length must be between 0 and 300", button + ".displayText: Length"}},
		{"postback_both", action(`{"type":"postback","label":"a","data":"d","text":"a","displayText":"b"}`), []string{button + ".text: Can not be used together"}},
		{"postback_fill", action(`{"type":"postback","label":"a","data":"d","fillInText":"a","inputOption":"openVoice"}`), []string{button + ".fillInText: Needs inputOption"}},
		{"postback_option", action(`{"type":"postback","label":"a","data":"d","inputOption":"open"}`), []string{button + ".inputOption: Must be one of"}},
		{"uri_scheme", action(`{"type":"uri","label":"a","uri":"mailto:a@b.example"}`), []string{button + ".uri: invalid uri scheme"}},
		{"uri_1001", action(`{"type":"uri","label":"a","uri":"https://a.example/` + text(1000) + `"}`), []string{button + ".uri: Length must be between 1 and 1000"}},
		{"uri_missing", action(`{"type":"uri","label":"a"}`), []string{button + ".uri: May not be empty"}},
		{"picker_mode", action(`{"type":"datetimepicker","label":"a","data":"d"}`), []string{button + ".mode: May not be empty"}},
		{"picker_initial", action(`{"type":"datetimepicker","label":"a","data":"d","mode":"date","initial":"01/02/2026"}`), []string{button + ".initial: Must be written as 2006-01-02"}},
		{"picker_order", action(`{"type":"datetimepicker","label":"a","data":"d","mode":"time","min":"10:00","max":"09:00"}`), []string{button + ".max: Must be later than min"}},
		{"camera_outside", action(`{"type":"camera","label":"a"}`), []string{button + ".type: Can only be used in a quick reply"}},
		{"rich_menu", action(`{"type":"richmenuswitch","label":"a","data":"d"}`), []string{button + ".type: Can only be used in a rich menu"}},
		{"action_unknown", action(`{"type":"call","label":"a"}`), []string{button + ".type: Must be one of"}},
		{"clipboard", action(`{"type":"clipboard","label":"a","clipboardText":"` + text(1001) + `"}`), []string{button + ".clipboardText: Length must be between 1 and 1000"}},

		{"alt_text", `{"type":"template","template":{"type":"buttons","text":"t","actions":[` + m + `]}}`, []string{"messages[0].altText: May not be empty"}},
		{"alt_text_1501", `{"type":"template","altText":"` + text(1501) + `","template":{"type":"buttons","text":"t","actions":[` + m + `]}}`, []string{"messages[0].altText: Length must be between 1 and 1500"}},
		{"template_missing", `{"type":"template","altText":"x"}`, []string{"messages[0].template: May not be null"}},
		{"template_unknown", `{"type":"template","altText":"x","template":{"type":"list"}}`, []string{"messages[0].template.type: Must be one of"}},
		{"buttons_five", action(m + "," + m + "," + m + "," + m + "," + m), []string{"messages[0].template.actions: Size must be between 1 and 4"}},
		{"buttons_none", action(""), []string{"messages[0].template.actions: Size"}},
		{"buttons_161", `{"type":"template","altText":"x","template":{"type":"buttons","text":"` + text(161) + `","actions":[` + m + `]}}`, []string{"messages[0].template.text: Length must be between 1 and 160"}},
		{"buttons_61_under_title", `{"type":"template","altText":"x","template":{"type":"buttons","title":"t","text":"` + text(61) + `","actions":[` + m + `]}}`, []string{"messages[0].template.text: Length must be between 1 and 60"}},
		{"buttons_61_under_image", `{"type":"template","altText":"x","template":{"type":"buttons","thumbnailImageUrl":"https://a.example/a","text":"` + text(61) + `","actions":[` + m + `]}}`, []string{"messages[0].template.text: Length must be between 1 and 60"}},
		{"buttons_title", `{"type":"template","altText":"x","template":{"type":"buttons","title":"` + text(41) + `","text":"t","actions":[` + m + `],"imageSize":"fill","imageAspectRatio":"wide","imageBackgroundColor":"red"}}`, []string{"messages[0].template.imageAspectRatio: Must be", "messages[0].template.imageSize: Must be", "messages[0].template.imageBackgroundColor: Must be a colour", "messages[0].template.title: Length must be between 0 and 40"}},
		{"confirm_one", `{"type":"template","altText":"x","template":{"type":"confirm","text":"` + text(241) + `","actions":[` + m + `]}}`, []string{"messages[0].template.text: Length must be between 1 and 240", "messages[0].template.actions: Size must be between 2 and 2"}},
		{"columns_11", columns(slices.Repeat([]string{`{"text":"t","actions":[` + m + `]}`}, 11)...), []string{"messages[0].template.columns: Size must be between 1 and 10"}},
		{"columns_actions", columns(`{"text":"t","actions":[`+m+`]}`, `{"text":"t","actions":[`+m+`,`+m+`]}`), []string{"messages[0].template.columns[1].actions: Must have as many actions"}},
		{"columns_four", columns(`{"text":"t","actions":[` + m + `,` + m + `,` + m + `,` + m + `]}`), []string{"messages[0].template.columns[0].actions: Size must be between 1 and 3"}},
		{"columns_title", columns(`{"title":"a","text":"t","actions":[`+m+`]}`, `{"text":"t","actions":[`+m+`]}`), []string{"messages[0].template.columns[1].title: Must be in all columns or in none"}},
		{"columns_image", columns(`{"text":"t","actions":[`+m+`]}`, `{"thumbnailImageUrl":"https://a.example/a","text":"t","actions":[`+m+`]}`), []string{"messages[0].template.columns[1].thumbnailImageUrl: Must be in all"}},
		{"columns_121", columns(`{"text":"` + text(121) + `","actions":[` + m + `]}`), []string{"messages[0].template.columns[0].text: Length must be between 1 and 120"}},
		{"pictures", `{"type":"template","altText":"x","template":{"type":"image_carousel","columns":[{"action":{"type":"message","label":"` + text(13) + `","text":"m"}}]}}`, []string{"messages[0].template.columns[0].imageUrl: May not be empty", "messages[0].template.columns[0].action.label: Length must be between 0 and 12"}},

		{"imagemap", `{"type":"imagemap","baseUrl":"https://a.example","altText":"a","baseSize":{"width":1000,"height":1},"actions":[{"type":"message","text":"` + text(401) + `"}]}`, []string{"messages[0].baseSize.width: Must be between 1040 and 1040", "messages[0].actions[0].area: May not be null", "messages[0].actions[0].text: Length must be between 1 and 400"}},

		{"flex_alt", `{"type":"flex","contents":{"type":"bubble"}}`, []string{"messages[0].altText: May not be empty"}},
		{"flex_contents", `{"type":"flex","altText":"a"}`, []string{"messages[0].contents: May not be null"}},
		{"flex_type", flexOf(`{"type":"card"}`), []string{"/type: Must be one of the following values: [bubble, carousel]"}},
		{"flex_empty", flexOf(`{"type":"bubble"}`), []string{"/body: At least one block"}},
		{"flex_size", flexOf(`{"type":"bubble","size":"big","body":{"type":"box","layout":"vertical","contents":[]}}`), []string{"/size: Must be one of"}},
		{"flex_body", flexOf(`{"type":"bubble","body":{"type":"text","text":"a"}}`), []string{"/body/type: Must be one of the following values: [box]"}},
		{"flex_layout", flexOf(`{"type":"bubble","body":{"type":"box","contents":[]}}`), []string{"/body/layout: May not be empty"}},
		{"flex_no_contents", flexOf(`{"type":"bubble","body":{"type":"box","layout":"vertical"}}`), []string{"/body/contents: must be specified"}},
		{"flex_text", body(`{"type":"text","text":""}`), []string{"/body/contents/0/text: must be non-empty text"}},
		{"flex_unknown", body(`{"type":"text","text":"a","fontSize":"md","bold":true}`), []string{"/body/contents/0/bold: invalid property", "/body/contents/0/fontSize: invalid property"}},
		{"flex_value", body(`{"type":"text","text":"a","size":"huge","color":"red","weight":"heavy","margin":"1em"}`), []string{"/body/contents/0/color: Must be a colour", "/body/contents/0/margin: invalid property value", "/body/contents/0/size: invalid property value", "/body/contents/0/weight: Must be one of"}},
		{"flex_button", body(`{"type":"button"}`), []string{"/body/contents/0/action: May not be null"}},
		{"flex_button_label", body(`{"type":"button","action":{"type":"uri","uri":"https://a.example"}}`), []string{"/body/contents/0/action/label: May not be empty"}},
		{"flex_button_41", body(`{"type":"button","height":"lg","action":{"type":"uri","label":"` + text(41) + `","uri":"https://a.example"}}`), []string{"/body/contents/0/height: Must be one of", "/body/contents/0/action/label: Length must be between 1 and 40"}},
		{"flex_image", body(`{"type":"image","url":"http://a.example","aspectRatio":"1:4"}`), []string{"/body/contents/0/aspectRatio: The height", "/body/contents/0/url: invalid uri scheme"}},
		{"flex_child", flexOf(`{"type":"bubble","body":{"type":"box","layout":"baseline","contents":[{"type":"button"}]}}`), []string{"/body/contents/0/type: Must be one of the following values: [icon, text, filler]"}},
		{"flex_video_small", flexOf(`{"type":"bubble","size":"micro","hero":{"type":"video","url":"https://a.example","previewUrl":"https://a.example","altContent":{"type":"image","url":"https://a.example"}}}`), []string{"/hero/type: A video needs"}},
		{"flex_video_alt", flexOf(`{"type":"bubble","hero":{"type":"video","url":"https://a.example","previewUrl":"https://a.example","altContent":{"type":"text","text":"a"}}}`), []string{"/hero/altContent/type: Must be one of"}},
		{"flex_30_kb", body(`{"type":"text","text":"` + text(30<<10) + `"}`), []string{"/: Must not be larger than 30720 bytes"}},
		{"flex_13_bubbles", flexOf(`{"type":"carousel","contents":[` + strings.TrimSuffix(strings.Repeat(`{"type":"bubble","body":{"type":"box","layout":"vertical","contents":[]}},`, 13), ",") + `]}`), []string{"/contents: Size must be between 1 and 12"}},
		{"flex_unequal", flexOf(`{"type":"carousel","contents":[{"type":"bubble","body":{"type":"box","layout":"vertical","contents":[]}},{"type":"bubble","size":"kilo","body":{"type":"box","layout":"vertical","contents":[]}}]}`), []string{"/contents/1/size: Must be the same in all bubbles"}},
		{"flex_gradient", flexOf(`{"type":"bubble","body":{"type":"box","layout":"vertical","contents":[],"background":{"type":"linearGradient","angle":"steep","startColor":"#fff"}}}`), []string{"/body/background/angle: invalid property value", "/body/background/endColor: must be specified", "/body/background/startColor: Must be a colour"}},
		{"flex_deep", flexOf(`{"type":"bubble","body":` + strings.Repeat(`{"type":"box","layout":"vertical","contents":[`, 40) + strings.Repeat(`]}`, 40) + `}`), []string{"/body" + strings.Repeat("/contents/0", 33) + ": Boxes are nested too deeply"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := Check([]byte("[" + tt.message + "]"))
			if r == nil {
				t.Fatal("taken")
			}
			var got []string
			for _, p := range r.Details {
				got = append(got, p.Property+": "+p.Message)
			}
			same := slices.EqualFunc(got, tt.want, func(got, want string) bool { return strings.HasPrefix(got, want) })
			if !same {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if want := wantedMessage(r); r.Message != want {
				t.Errorf("message %q, want %q", r.Message, want)
			}
		})
	}
}

// wantedMessage is how LINE puts the sum of it; it differs for containers.
func wantedMessage(r *Refusal) string {
	if strings.HasPrefix(r.Details[0].Property, "/") {
		return "A message (messages[0]) in the request body is invalid"
	}
	return fmt.Sprintf("The request body has %d error(s)", len(r.Details))
}

func TestCheckCountsMessages(t *testing.T) {
	t.Parallel()
	list := func(n int) string {
		return "[" + strings.Join(slices.Repeat([]string{fine["text"]}, n), ",") + "]"
	}
	for body, want := range map[string]string{
		``:      "May not be empty",
		`null`:  "May not be empty",
		`{}`:    "Must be an array of message objects",
		`[]`:    "Size must be between 1 and 5",
		list(5): "",
		list(6): "Size must be between 1 and 5",
	} {
		got := ""
		if r := Check([]byte(body)); r != nil {
			got = r.Details[0].Message
		}
		if got != want {
			t.Errorf("Check(%.40q) = %q, want %q", body, got, want)
		}
	}
}

func TestLengths(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text         string
		utf16, graph int
	}{
		{"abc", 3, 3},
		{"Việt", 4, 4},
		{"Vie\u0323\u0302t", 6, 4},
		{"好的", 2, 2},
		{"😀", 2, 1},
		{"👨‍👩‍👧", 8, 1},
		{"🇹🇼🇻🇳", 8, 2},
		{"❤️", 2, 1},
	} {
		if got := UTF16(tt.text); got != tt.utf16 {
			t.Errorf("UTF16(%q) = %d, want %d", tt.text, got, tt.utf16)
		}
		if got := Graphemes(tt.text); got != tt.graph {
			t.Errorf("Graphemes(%q) = %d, want %d", tt.text, got, tt.graph)
		}
	}
}

// FuzzCheck looks for messages that crash the check, and for answers that
// depend on how the same JSON is written.
func FuzzCheck(f *testing.F) {
	for _, message := range fine {
		f.Add([]byte("[" + message + "]"))
	}
	f.Add([]byte(`[{"type":"flex","altText":"a","contents":{"type":"carousel","contents":[1,null]}}]`))
	f.Add([]byte(`[{"type":"textV2","text":"{{{a}}}"},null,[]]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := Check(body)
		if r != nil && r.Message == "" {
			t.Fatalf("a refusal without a word for %q", body)
		}
		var v any
		if len(body) > maxBubbleBytes/8 || json.Unmarshal(body, &v) != nil {
			return
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if second := Check(again); (second == nil) != (r == nil) {
			t.Errorf("%s: %v\n%s: %v", body, r, again, second)
		}
	})
}

func BenchmarkCheckText(b *testing.B) {
	body := []byte("[" + fine["text"] + "]")
	b.ReportAllocs()
	for b.Loop() {
		if Check(body) != nil {
			b.Fatal("refused")
		}
	}
}
