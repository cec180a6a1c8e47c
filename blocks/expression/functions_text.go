package expression

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

var textFunctions = []function{
	{
		Function: Function{Name: "upper", Doc: "The text in capitals.", Example: `upper("đơn hàng")`, Result: "ĐƠN HÀNG"},
		params:   []parameter{{name: "text", typ: Text}}, gives: Text,
		run: func(e *Env, a []any) (any, error) { return e.made(strings.ToUpper(a[0].(string))) },
	},
	{
		Function: Function{Name: "lower", Doc: "The text in small letters.", Example: `lower("ĐƠN HÀNG")`, Result: "đơn hàng"},
		params:   []parameter{{name: "text", typ: Text}}, gives: Text,
		run: func(e *Env, a []any) (any, error) { return e.made(strings.ToLower(a[0].(string))) },
	},
	{
		Function: Function{Name: "title_case", Doc: "The text with a capital at the start of every word.", Example: `title_case("NGUYỄN thị ánh")`, Result: "Nguyễn Thị Ánh"},
		params:   []parameter{{name: "text", typ: Text}}, gives: Text,
		run: func(e *Env, a []any) (any, error) {
			if err := e.spend(len(a[0].(string)) / slowBytes); err != nil {
				return nil, err
			}
			return e.made(cases.Title(language.Und).String(norm.NFC.String(a[0].(string))))
		},
	},
	{
		Function: Function{Name: "trim", Doc: "The text without spaces, or the given characters, at its ends.", Example: `trim("  A1024 ")`, Result: "A1024"},
		params:   []parameter{{name: "text", typ: Text}, {name: "characters", typ: Text, optional: true}}, gives: Text,
		run: func(e *Env, a []any) (any, error) {
			if len(a) == 2 {
				return e.made(strings.Trim(a[0].(string), a[1].(string)))
			}
			return e.made(strings.TrimSpace(a[0].(string)))
		},
	},
	{
		Function: Function{Name: "trimPrefix", Doc: "The text without what it begins with.", Example: `trimPrefix("ref-A1024", "ref-")`, Result: "A1024"},
		params:   []parameter{{name: "text", typ: Text}, {name: "prefix", typ: Text}}, gives: Text,
		run: func(e *Env, a []any) (any, error) { return e.made(strings.TrimPrefix(a[0].(string), a[1].(string))) },
	},
	{
		Function: Function{Name: "trimSuffix", Doc: "The text without what it ends with.", Example: `trimSuffix("A1024.pdf", ".pdf")`, Result: "A1024"},
		params:   []parameter{{name: "text", typ: Text}, {name: "suffix", typ: Text}}, gives: Text,
		run: func(e *Env, a []any) (any, error) { return e.made(strings.TrimSuffix(a[0].(string), a[1].(string))) },
	},
	{
		Function: Function{Name: "hasPrefix", Doc: "Whether the text begins so.", Example: `hasPrefix("0912345678", "09")`, Result: "true"},
		params:   []parameter{{name: "text", typ: Text}, {name: "prefix", typ: Text}}, gives: Boolean,
		run: func(_ *Env, a []any) (any, error) { return strings.HasPrefix(a[0].(string), a[1].(string)), nil },
	},
	{
		Function: Function{Name: "hasSuffix", Doc: "Whether the text ends so.", Example: `hasSuffix("A1024.pdf", ".pdf")`, Result: "true"},
		params:   []parameter{{name: "text", typ: Text}, {name: "suffix", typ: Text}}, gives: Boolean,
		run: func(_ *Env, a []any) (any, error) { return strings.HasSuffix(a[0].(string), a[1].(string)), nil },
	},
	{
		Function: Function{Name: "indexOf", Doc: "Where the part first stands in the text, in letters from 0; -1 when it does not.", Example: `indexOf("đơn hàng", "hàng")`, Result: "4"},
		params:   []parameter{{name: "text", typ: Text}, {name: "part", typ: Text}}, gives: Number,
		run: func(_ *Env, a []any) (any, error) {
			return letterAt(a[0].(string), strings.Index(a[0].(string), a[1].(string))), nil
		},
	},
	{
		Function: Function{Name: "lastIndexOf", Doc: "Where the part last stands in the text, in letters from 0; -1 when it does not.", Example: `lastIndexOf("a-b-c", "-")`, Result: "3"},
		params:   []parameter{{name: "text", typ: Text}, {name: "part", typ: Text}}, gives: Number,
		run: func(_ *Env, a []any) (any, error) {
			return letterAt(a[0].(string), strings.LastIndex(a[0].(string), a[1].(string))), nil
		},
	},
	{
		Function: Function{Name: "replace", Doc: "The text with every old part made new.", Example: `replace("0912 345 678", " ", "")`, Result: "0912345678"},
		params:   []parameter{{name: "text", typ: Text}, {name: "old", typ: Text}, {name: "new", typ: Text}}, gives: Text,
		run: replaced,
	},
	{
		Function: Function{Name: "repeat", Doc: "The text several times over.", Example: `repeat("★", 3)`, Result: "★★★"},
		params:   []parameter{{name: "text", typ: Text}, {name: "times", typ: Number}}, gives: Text,
		run: repeated,
	},
	{
		Function: Function{Name: "split", Doc: "The parts of the text between separators.", Example: `split("S,M,L", ",")[1]`, Result: "M"},
		params:   []parameter{{name: "text", typ: Text}, {name: "separator", typ: Text}}, gives: List,
		run: parted,
	},
	{
		Function: Function{Name: "join", Doc: "The items in one text, with the separator between them.", Example: `join(["S", "M"], " / ")`, Result: "S / M"},
		params:   []parameter{{name: "items", typ: List}, {name: "separator", typ: Text, optional: true}}, gives: Text,
		run: joined,
	},
	{
		Function: Function{Name: "slug", Doc: "The text as it can stand in an address: small letters without accents, words joined by dashes.", Example: `slug("Đơn hàng số 5!")`, Result: "don-hang-so-5"},
		params:   []parameter{{name: "text", typ: Text}}, gives: Text,
		run: func(e *Env, a []any) (any, error) {
			if err := e.spend(len(a[0].(string)) / slowBytes); err != nil {
				return nil, err
			}
			return e.made(slug(a[0].(string)))
		},
	},
	{
		Function: Function{Name: "url_encode", Doc: "The text as it can stand in a query or path of an address.", Example: `url_encode("áo sơ mi & quần")`, Result: "%C3%A1o%20s%C6%A1%20mi%20%26%20qu%E1%BA%A7n"},
		params:   []parameter{{name: "text", typ: Text}}, gives: Text,
		run: func(e *Env, a []any) (any, error) {
			return e.made(strings.ReplaceAll(url.QueryEscape(a[0].(string)), "+", "%20"))
		},
	},
	{
		Function: Function{Name: "hash", Doc: "The hash of the text in hexadecimal: sha256, or md5, sha1, sha512.", Example: `hash("a@b.vn", "md5")`, Result: "0df6fee9413479834ed6bd1ce1e21b4d"},
		params:   []parameter{{name: "text", typ: Text}, {name: "algorithm", typ: Text, optional: true, check: func(_ *Env, v any) error { _, err := digest(v.(string), nil); return err }}}, gives: Text,
		run: func(e *Env, a []any) (any, error) {
			algorithm := "sha256"
			if len(a) == 2 {
				algorithm = a[1].(string)
			}
			sum, err := digest(algorithm, []byte(a[0].(string)))
			return hex.EncodeToString(sum), err
		},
	},
	{
		Function: Function{Name: "toBase64", Doc: "The text in base64.", Example: `toBase64("id:key")`, Result: "aWQ6a2V5"},
		params:   []parameter{{name: "text", typ: Text}}, gives: Text,
		run: func(e *Env, a []any) (any, error) {
			return e.made(base64.StdEncoding.EncodeToString([]byte(a[0].(string))))
		},
	},
	{
		Function: Function{Name: "fromBase64", Doc: "The text that the base64 stands for.", Example: `fromBase64("aWQ6a2V5")`, Result: "id:key"},
		params:   []parameter{{name: "base64", typ: Text}}, gives: Text,
		run: func(e *Env, a []any) (any, error) {
			b, err := base64.StdEncoding.DecodeString(a[0].(string))
			if err != nil || !utf8.Valid(b) {
				return nil, errors.New("that is not the base64 of a text")
			}
			return e.made(string(b))
		},
	},
}

// letterAt turns a place in bytes into one in letters.
func letterAt(s string, i int) float64 {
	if i < 0 {
		return -1
	}
	return float64(utf8.RuneCountInString(s[:i]))
}

func replaced(e *Env, a []any) (any, error) {
	s, old, fresh := a[0].(string), a[1].(string), a[2].(string)
	if old == "" {
		return s, nil
	}
	if err := e.spendText(len(s) + strings.Count(s, old)*(len(fresh)-len(old))); err != nil {
		return nil, err
	}
	return strings.ReplaceAll(s, old, fresh), nil
}

func repeated(e *Env, a []any) (any, error) {
	s, times := a[0].(string), math.Floor(a[1].(float64))
	if times <= 0 || s == "" {
		return "", nil
	}
	if times*float64(len(s)) > MaxText {
		return nil, errText
	}
	if err := e.spendText(int(times) * len(s)); err != nil {
		return nil, err
	}
	return strings.Repeat(s, int(times)), nil
}

func parted(e *Env, a []any) (any, error) {
	s, separator := a[0].(string), a[1].(string)
	if s == "" {
		return []any{}, nil
	}
	parts := strings.SplitN(s, separator, MaxItems+1)
	list := listOf(parts) // leaves the uncut rest away
	return list, e.spend(len(list) + len(s)/stepBytes)
}

func joined(e *Env, a []any) (any, error) {
	glue := ""
	if len(a) == 2 {
		glue = a[1].(string)
	}
	b, err := appendJoined(nil, a[0].([]any), glue)
	if err != nil {
		return nil, err
	}
	return e.made(string(b))
}

// slug keeps letters and digits of every script; only Latin accents and đ are
// taken off.
func slug(s string) string {
	var b strings.Builder
	dash := false
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case r >= 0x300 && r <= 0x36f: // combining accents
			continue
		case r == 'đ':
			r = 'd'
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r):
			dash = true
			continue
		}
		if dash && b.Len() > 0 {
			b.WriteByte('-')
		}
		dash = false
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

func digest(algorithm string, text []byte) ([]byte, error) {
	switch strings.ToLower(algorithm) {
	case "sha256":
		sum := sha256.Sum256(text)
		return sum[:], nil
	case "sha512":
		sum := sha512.Sum512(text)
		return sum[:], nil
	case "sha1":
		sum := sha1.Sum(text)
		return sum[:], nil
	case "md5":
		sum := md5.Sum(text)
		return sum[:], nil
	}
	return nil, fmt.Errorf("unknown algorithm %s: use sha256, sha512, sha1 or md5", quote(algorithm))
}
