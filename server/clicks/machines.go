package clicks

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// agent is a part, in lower case, of the User-Agent of what is no person.
type agent struct {
	part string
	is   string
	seen string // one that was seen
}

// agents are the programs that open links by themselves; the first that fits
// names it. No part is in what browsers of people say: CUBOT is a phone, and
// Line/14 and FBAN are the browsers inside LINE and Facebook.
//
// Told by their owners: Meta (developers.facebook.com/docs/sharing/webmasters/web-crawlers),
// Google (developers.google.com/search/docs/crawling-indexing/google-common-crawlers),
// Slack (api.slack.com/robots), Apple (support.apple.com/119829), X (its guide to
// cards). The others are known by what they send.
var agents = [...]agent{
	{"line-poker", "LINE's preview", "facebookexternalhit/1.1;line-poker/1.0"},
	{"linespider", "LINE's search", "Mozilla/5.0 (compatible; Linespider/1.1; +https://lin.ee/4dwXkTH)"},
	{"facebookexternalhit", "the preview of Facebook and Messenger, and of all who imitate it, as iMessage", "facebookexternalhit/1.1 Facebot Twitterbot/1.0"},
	{"facebookcatalog", "Facebook's catalogue", "facebookcatalog/1.0"},
	{"facebot", "Facebook's preview", "Facebot"},
	{"meta-external", "Meta's crawlers", "meta-externalagent/1.1"},
	{"meta-webindexer", "Meta's crawlers", "meta-webindexer/1.1"},
	{"whatsapp/", "WhatsApp's preview", "WhatsApp/2.23.20.0 A"},
	{"telegrambot", "Telegram's preview", "TelegramBot (like TwitterBot)"},
	{"twitterbot", "X's preview", "Twitterbot/1.0"},
	{"slackbot", "Slack's preview", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
	{"slack-imgproxy", "Slack's pictures", "Slack-ImgProxy (+https://api.slack.com/robots)"},
	{"discordbot", "Discord's preview", "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)"},
	{"linkedinbot", "LinkedIn's preview", "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)"},
	{"skypeuripreview", "the preview of Skype and Teams", "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5"},
	{"googlebot", "Google's search", "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) Chrome/130 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
	{"google-inspectiontool", "Google's tools", "Mozilla/5.0 (compatible; Google-InspectionTool/1.0;)"},
	{"googleother", "Google's crawlers", "GoogleOther"},
	{"adsbot-google", "Google's ads", "AdsBot-Google (+http://www.google.com/adsbot.html)"},
	{"mediapartners-google", "Google's ads", "Mediapartners-Google"},
	{"apis-google", "Google's programs", "APIs-Google (+https://developers.google.com/webmasters/APIs-Google.html)"},
	{"google-read-aloud", "Google's reader", "Mozilla/5.0 (Linux; Android 10; K) Chrome/130 Mobile Safari/537.36 (compatible; Google-Read-Aloud; +https://support.google.com/webmasters/answer/1061943)"},
	{"google-safety", "Google's look for malware", "Google-Safety"},
	{"bingbot", "Bing's search", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/130 Safari/537.36"},
	{"bingpreview", "Bing's preview", "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b"},
	{"applebot", "Apple's search", "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)"},
	{"baiduspider", "Baidu's search", "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)"},
	{"coccocbot", "Cốc Cốc's search", "Mozilla/5.0 (compatible; coccocbot-web/1.0; +http://help.coccoc.com/searchengine)"},
	{"headlesschrome", "a browser without a person", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0 Safari/537.36"},
	{"chrome-lighthouse", "a test of pages", "Mozilla/5.0 (Macintosh) Chrome/130 Safari/537.36 Chrome-Lighthouse"},
	{"+http", "a crawler that says whose it is", "Mozilla/5.0 (compatible; NewBot/1.0; +https://example.com/bot)"}, // the custom of crawlers
	{"curl/", "a program", "curl/8.11.0"},
	{"wget/", "a program", "Wget/1.25.0"},
	{"python-requests/", "a program", "python-requests/2.32.3"},
	{"python-urllib/", "a program", "Python-urllib/3.13"},
	{"aiohttp/", "a program", "Python/3.13 aiohttp/3.11.11"},
	{"go-http-client/", "a program", "Go-http-client/2.0"},
	{"node-fetch", "a program", "node-fetch/1.0"},
	{"axios/", "a program", "axios/1.7.9"},
}

// purpose is a header by which browsers say that they ask ahead of a person,
// with what it begins with then.
type purpose struct{ header, value string }

var purposes = [...]purpose{
	{"Sec-Purpose", "prefetch"}, // https://fetch.spec.whatwg.org/#sec-purpose-header
	{"Purpose", "prefetch"},     // Chrome's before
	{"X-Moz", "prefetch"},       // Firefox's before
	{"X-Purpose", "preview"},    // Safari's top sites
}

// machine says why a request is no tap of a person, "" when it may be one.
func machine(method string, header func(name string) string) string {
	if method == fiber.MethodHead {
		return "HEAD"
	}
	for _, p := range purposes {
		if strings.HasPrefix(strings.ToLower(header(p.header)), p.value) {
			return p.header
		}
	}
	// A tap is a navigation: what browsers fetch otherwise is for something else.
	if mode := header("Sec-Fetch-Mode"); mode != "" && mode != "navigate" {
		return "Sec-Fetch-Mode"
	}
	said := strings.ToLower(header(fiber.HeaderUserAgent))
	if said == "" {
		return "no User-Agent"
	}
	for _, a := range agents {
		if strings.Contains(said, a.part) {
			return a.is
		}
	}
	return ""
}
