package clicks

import (
	"html"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"
)

// words are what a page says in one language, of an address that leads nowhere
// and of one that nobody could look up.
type words struct {
	language                  language.Tag
	nowhere, why, later, wait string
}

// spoken are the languages of a page: the first for whom none fits.
func spoken() []words {
	return []words{
		{language.English, "This link does not lead anywhere", "It may have been cut when it was copied, or it is too old. Open it again from the message it came in.",
			"This link cannot be opened just now", "Nothing is wrong with it. Try it again in a moment."},
		{language.TraditionalChinese, "這個連結打不開", "可能是複製時少了一部分，或是已經過期。請回到收到的訊息，再點一次。",
			"這個連結暫時打不開", "連結本身沒有問題，請稍後再試一次。"},
		{language.Vietnamese, "Liên kết này không dẫn đến đâu cả", "Có thể liên kết bị thiếu khi sao chép, hoặc đã quá cũ. Hãy mở lại từ tin nhắn bạn đã nhận.",
			"Liên kết này tạm thời chưa mở được", "Liên kết không có lỗi gì. Bạn hãy thử lại sau giây lát."},
	}
}

// page is what people see whose address leads nowhere, in the language of the
// spoken ones that their browser likes best. It names nobody: it is the same
// for every bot.
func page(status int, accepted string) string {
	all := spoken()
	tags := make([]language.Tag, len(all))
	for i, w := range all {
		tags[i] = w.language
	}
	_, i := language.MatchStrings(language.NewMatcher(tags), accepted)
	in := all[i]
	title, text := in.nowhere, in.why
	if status >= fiber.StatusInternalServerError || status == fiber.StatusTooManyRequests {
		title, text = in.later, in.wait
	}
	title, text = html.EscapeString(title), html.EscapeString(text)
	return `<!DOCTYPE html>
<html lang="` + in.language.String() + `"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>` + title + `</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1.5rem;color:#222}h1{font-size:1.4rem}</style></head>
<body><h1>` + title + `</h1><p>` + text + `</p></body></html>
`
}
