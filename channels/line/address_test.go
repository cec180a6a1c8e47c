package line

import (
	"strings"
	"testing"
)

func TestURI(t *testing.T) {
	t.Parallel()
	long := "https://shop.example.com/" + strings.Repeat("a", maxActionURI)
	for given, want := range map[string]string{
		"https://shop.example.com/a?b=c#d":      "https://shop.example.com/a?b=c#d",
		"  http://shop.example.com ":            "http://shop.example.com",
		"HTTPS://shop.example.com/A":            "HTTPS://shop.example.com/A",
		"https://shop.example.com/áo dài":       "https://shop.example.com/%C3%A1o%20d%C3%A0i",
		"https://shop.example.com/%C3%A1o?a=%2": "https://shop.example.com/%C3%A1o?a=%252",
		"https://shop.example.com/100%":         "https://shop.example.com/100%25",
		"https://shop.example.com/{id}|\"<>":    "https://shop.example.com/%7Bid%7D%7C%22%3C%3E",
		"https://shop.example.com:8443/[1]":     "https://shop.example.com:8443/[1]",
		"line://app/1234-abcd":                  "line://app/1234-abcd",
		"tel:0800123456":                        "tel:0800123456",
		long[:maxActionURI]:                     long[:maxActionURI],
		long[:maxActionURI+1]:                   "",
		"":                                      "",
		"shop.example.com":                      "",
		"//shop.example.com":                    "",
		"https://":                              "",
		"https://:443":                          "",
		"https:///path":                         "",
		"https://shöp.example.com":              "",
		"https://shop example.com":              "",
		"https://shop.example.com\x00/":         "",
		"javascript:alert(1)":                   "",
		"data:text/html,hi":                     "",
		"ftp://shop.example.com":                "",
		"line:":                                 "",
		"tel:":                                  "",
		"mailto:hi@example.com":                 "",
	} {
		if got := uri(given); got != want {
			t.Errorf("%q: got %q, want %q", given, got, want)
		}
	}
}

func TestFileURL(t *testing.T) {
	t.Parallel()
	long := "https://cdn.example.com/" + strings.Repeat("a", maxMediaURL)
	for given, want := range map[string]string{
		"https://cdn.example.com/a.jpg":   "https://cdn.example.com/a.jpg",
		"https://cdn.example.com/ảnh.jpg": "https://cdn.example.com/%E1%BA%A3nh.jpg",
		long[:maxMediaURL]:                long[:maxMediaURL],
		long[:maxMediaURL+1]:              "",
		"http://cdn.example.com/a.jpg":    "",
		"data:image/png;base64,AAAA":      "",
		"/a.jpg":                          "",
		"":                                "",
	} {
		if got := fileURL(given); got != want {
			t.Errorf("%q: got %q, want %q", given, got, want)
		}
	}
}

func TestTel(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"0800123456":                      "tel:0800123456",
		"0800 123-456":                    "tel:0800123456",
		"+84 (28) 3822.1234":              "tel:+842838221234",
		"*101#":                           "tel:*101%23",
		"０８００":                            "tel:0800",
		"ask at the desk":                 "",
		"":                                "",
		"+":                               "",
		strings.Repeat("1", maxActionURI): "",
	} {
		if got := tel(given); got != want {
			t.Errorf("%q: got %q, want %q", given, got, want)
		}
	}
}
