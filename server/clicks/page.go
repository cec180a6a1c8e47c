package clicks

import (
	"html"

	"github.com/gofiber/fiber/v2"
)

// page is what people see whose address leads nowhere. It names nobody: it is
// the same for every bot.
func page(status int) string {
	title, text := "This link does not lead anywhere", "It may have been cut when it was copied, or it is too old. Open it again from the message it came in."
	if status >= fiber.StatusInternalServerError || status == fiber.StatusTooManyRequests {
		title, text = "This link cannot be opened just now", "Nothing is wrong with it. Try it again in a moment."
	}
	title, text = html.EscapeString(title), html.EscapeString(text)
	return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>` + title + `</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1.5rem;color:#222}h1{font-size:1.4rem}</style></head>
<body><h1>` + title + `</h1><p>` + text + `</p></body></html>
`
}
