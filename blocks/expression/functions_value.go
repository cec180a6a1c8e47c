package expression

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
)

var valueFunctions = []function{
	{
		Function: Function{Name: "has", Doc: "Whether a name or a member has a value that is not empty.", Example: `has("phone")`, Result: "true"},
		params:   []parameter{{name: "name", typ: Any}}, gives: Boolean,
	},
	{
		Function: Function{Name: "t", Doc: "The text of a value in one of the document's texts; that of * for values it does not list.", Example: `t("status", "shipping")`, Result: "On its way"},
		params:   []parameter{{name: "table", typ: Text}, {name: "value", typ: Text}}, gives: Text,
	},
	{
		Function: Function{Name: "len", Doc: "How many letters a text, items a list or members an object has.", Example: `len("đơn")`, Result: "3"},
		params:   []parameter{{name: "value", typ: Any}}, gives: Number,
		run: func(_ *Env, a []any) (any, error) {
			switch v := a[0].(type) {
			case nil:
				return 0.0, nil
			case string:
				return float64(utf8.RuneCountInString(v)), nil
			case []any:
				return float64(len(v)), nil
			case map[string]any:
				return float64(len(v)), nil
			}
			return nil, fmt.Errorf("only texts, lists and objects have a length, not %s", kindOf(a[0]))
		},
	},
	{
		Function: Function{Name: "string", Doc: "The value as a template prints it.", Example: `string(1280000) + "đ"`, Result: "1280000đ"},
		params:   []parameter{{name: "value", typ: Any}}, gives: Text,
		run: printed,
	},
	{
		Function: Function{Name: "json", Doc: "The value as compact JSON, texts with their quotes.", Example: `json({a: [1, "x"]})`, Result: `{"a":[1,"x"]}`},
		params:   []parameter{{name: "value", typ: Any}}, gives: Text,
		run: written,
	},
	{
		Function: Function{Name: "toJSON", Doc: "The same as json.", Example: `toJSON("a")`, Result: `"a"`},
		params:   []parameter{{name: "value", typ: Any}}, gives: Text,
		run: written,
	},
	{
		Function: Function{Name: "fromJSON", Doc: "The value that JSON text stands for.", Example: `fromJSON('{"code": "A1024"}').code`, Result: "A1024"},
		params:   []parameter{{name: "text", typ: Text}}, gives: JSON,
		run: func(e *Env, a []any) (any, error) {
			if strings.TrimSpace(a[0].(string)) == "" {
				return nil, nil
			}
			if err := e.spend(len(a[0].(string)) / slowBytes); err != nil {
				return nil, err
			}
			v, err := readJSON(a[0].(string))
			if err != nil {
				return nil, err
			}
			v, err = exactly(v)
			return plain(v), err
		},
	},
	{
		Function: Function{Name: "e164", Doc: "A phone number in international form, nothing when it is none. National numbers are of the region, else of the contact's locale.", Example: `e164("0912 345 678", "VN")`, Result: "+84912345678"},
		params:   []parameter{{name: "phone", typ: Text}, {name: "region", typ: Text, optional: true, check: checkRegion}}, gives: Text, varies: true,
		run: e164,
	},
	{
		Function: Function{Name: "phone_national", Doc: "A phone number as people of its country write it, the text itself when it is none. Numbers without country code are of the region, else of the contact's locale.", Example: `phone_national("+84912345678")`, Result: "0912 345 678"},
		params:   []parameter{{name: "phone", typ: Text}, {name: "region", typ: Text, optional: true, check: checkRegion}}, gives: Text, varies: true,
		run: phoneNational,
	},
}

func printed(e *Env, a []any) (any, error) {
	s, err := e.asText(a[0])
	if err != nil {
		return nil, err
	}
	return e.made(s)
}

func written(e *Env, a []any) (any, error) {
	b, err := appendJSON(nil, a[0], 0)
	if err != nil {
		return nil, err
	}
	return e.made(string(b))
}

func checkRegion(_ *Env, v any) error {
	if phonenumbers.GetCountryCodeForRegion(strings.ToUpper(v.(string))) == 0 {
		return fmt.Errorf("unknown region %s: use two letters such as VN or TW", quote(v.(string)))
	}
	return nil
}

// maxPhone is the longest text that can be a phone number, in bytes.
const maxPhone = 100

func e164(e *Env, a []any) (any, error) {
	number, err := e.phone(a)
	if number == nil {
		return "", err
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}

func phoneNational(e *Env, a []any) (any, error) {
	number, err := e.phone(a)
	if number == nil {
		return a[0], err
	}
	return phonenumbers.Format(number, phonenumbers.NATIONAL), nil
}

// phone reads a number and perhaps its region; nil when it is none.
func (e *Env) phone(a []any) (*phonenumbers.PhoneNumber, error) {
	phone, region := a[0].(string), e.region()
	if len(a) == 2 {
		if err := checkRegion(e, a[1]); err != nil {
			return nil, err
		}
		region = strings.ToUpper(a[1].(string))
	}
	if phone == "" || len(phone) > maxPhone {
		return nil, nil
	}
	if err := e.spend(maxPhone); err != nil {
		return nil, err
	}
	number, err := phonenumbers.Parse(folded(phone), region)
	if errors.Is(err, phonenumbers.ErrInvalidCountryCode) && region == "" {
		return nil, fmt.Errorf(`%s is a national number: name its region, such as "VN"`, quote(phone))
	}
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return nil, nil
	}
	return number, nil
}

// region is the country of the contact's locale, "" when it names none.
func (e *Env) region() string {
	i, ok := e.table.slot("locale")
	if !ok {
		return ""
	}
	locale, _ := e.slot(i).value.(string)
	parts := strings.FieldsFunc(locale, func(r rune) bool { return r == '_' || r == '-' })
	if len(parts) < 2 {
		return ""
	}
	region := strings.ToUpper(parts[len(parts)-1])
	if phonenumbers.GetCountryCodeForRegion(region) == 0 {
		return ""
	}
	return region
}
