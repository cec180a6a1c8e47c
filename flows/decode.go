package flows

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

// decoder fills Go values from nodes by the same tags the schema is made of:
// a field whose tag has no omitempty is needed, enum lists what a text may be.
// It reports all that does not fit and reads the rest.
type decoder struct {
	problems *problems
	kinds    []blocks.Kind
}

// The types with forms of their own.
var (
	typeSpoken    = reflect.TypeFor[blocks.Spoken]()
	typeSteps     = reflect.TypeFor[blocks.Steps]()
	typeBranch    = reflect.TypeFor[blocks.Branch]()
	typeAttribute = reflect.TypeFor[Attribute]()
	typeField     = reflect.TypeFor[blocks.Field]()
)

// document reads the whole of a document.
func (d *decoder) document(n *node) *Document {
	doc := &Document{}
	d.value(n, "", reflect.ValueOf(doc).Elem())
	return doc
}

// value reads a node into v.
func (d *decoder) value(n *node, path string, v reflect.Value) {
	t := v.Type()
	if t.Kind() == reflect.Pointer {
		v.Set(reflect.New(t.Elem()))
		d.value(n, path, v.Elem())
		return
	}
	switch {
	case t == typeSteps:
		d.steps(n, path, v)
	case t == typeSpoken:
		if s := d.step(n, path); s != nil {
			v.Field(0).Set(reflect.ValueOf(s))
		}
	case t == typeBranch:
		d.branch(n, path, v.Addr().Interface().(*blocks.Branch))
	case t == typeAttribute && n.shape == isString:
		n = &node{shape: isObject, at: n.at, end: n.end, members: []member{{key: "type", at: n.at, value: n}}}
		d.object(n, path, v)
	case reflect.PointerTo(t).Implements(typeField):
		if err := v.Addr().Interface().(blocks.Field).Read(n.plain()); err != nil {
			d.problems.at(n.at, CodeType, path, err.Error(), "")
		}
	default:
		d.kind(n, path, v)
	}
}

// kind reads a node by the kind of v.
func (d *decoder) kind(n *node, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if d.want(n, path, isObject, "an object") {
			d.object(n, path, v)
		}
	case reflect.Slice:
		d.want(n, path, isList, "a list")
		d.list(n, path, v)
	case reflect.Map:
		d.want(n, path, isObject, "an object")
		d.mapping(n, path, v)
	case reflect.String:
		if d.want(n, path, isString, "a text") {
			v.SetString(n.text)
		}
	case reflect.Bool:
		if d.want(n, path, isBool, "true or false") {
			v.SetBool(n.text == "true")
		}
	case reflect.Int:
		if d.want(n, path, isNumber, "a number") {
			i, err := strconv.Atoi(n.text)
			if err != nil {
				d.problems.at(n.at, CodeType, path, "needs a whole number, not "+n.text, "")
			}
			v.SetInt(int64(i))
		}
	case reflect.Interface:
		if plain := n.plain(); plain != nil {
			v.Set(reflect.ValueOf(plain))
		}
	default:
		panic("flows: no JSON form for " + v.Type().String())
	}
}

// want reports a node of another shape.
func (d *decoder) want(n *node, path string, s shape, what string) bool {
	if n.shape != s {
		d.problems.at(n.at, CodeType, path, "needs "+what+", not "+n.describe(), "")
	}
	return n.shape == s
}

func (n *node) describe() string {
	switch n.shape {
	case isBool:
		return n.text
	case isNumber:
		return "the number " + n.text
	case isString:
		return "the text " + quote(n.text)
	case isList:
		return "a list"
	case isObject:
		return "an object"
	}
	return "null"
}

// object reads an object into a struct. extra are keys that are known besides
// its fields.
func (d *decoder) object(n *node, path string, v reflect.Value, extra ...string) {
	fields := fieldsOf(v.Type())
	for _, m := range n.members {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == m.key })
		if i >= 0 {
			d.member(m, path, v, &fields[i])
			continue
		}
		if !slices.Contains(extra, m.key) {
			d.unknownKey(m, path, fields, extra)
		}
	}
	for _, f := range fields {
		if f.needed && n.get(f.name) == nil {
			d.problems.at(n.at, blocks.CodeMissing, path, quote(f.name)+" is missing", "")
		}
	}
}

func (d *decoder) member(m member, path string, v reflect.Value, f *field) {
	path += "/" + blocks.Pointer(m.key)
	if len(f.enum) > 0 && m.value.shape == isString && !slices.Contains(f.enum, m.value.text) {
		d.problems.at(m.value.at, blocks.CodeValue, path,
			fmt.Sprintf("%s cannot be %s", quote(f.name), quote(m.value.text)), oneOf(m.value.text, f.enum))
		return
	}
	d.value(m.value, path, v.FieldByIndex(f.index))
}

func (d *decoder) unknownKey(m member, path string, fields []field, extra []string) {
	names := slices.Clone(extra)
	for _, f := range fields {
		names = append(names, f.name)
	}
	d.problems.at(m.at, CodeUnknownKey, path+"/"+blocks.Pointer(m.key), "unknown key "+quote(m.key), didYouMean(m.key, names))
}

// maxListed is how many keys a hint lists.
const maxListed = 15

// didYouMean hints at the nearest of the keys an object may have, or lists them
// where they are few.
func didYouMean(key string, keys []string) string {
	if hint := blocks.DidYouMean(key, keys); hint != "" || len(keys) > maxListed {
		return hint
	}
	return "it may have: " + strings.Join(keys, ", ")
}

// oneOf hints at the nearest of a few words, or names them all.
func oneOf(word string, words []string) string {
	if hint := blocks.DidYouMean(word, words); hint != "" {
		return hint
	}
	return "one of " + strings.Join(words, ", ")
}

// list reads a list; what is none becomes an empty one, which is not missing.
func (d *decoder) list(n *node, path string, v reflect.Value) {
	v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	for i, item := range n.items {
		d.value(item, path+"/"+strconv.Itoa(i), v.Index(i))
	}
}

// mapping reads an object as a map; what is none becomes an empty one.
func (d *decoder) mapping(n *node, path string, v reflect.Value) {
	v.Set(reflect.MakeMapWithSize(v.Type(), len(n.members)))
	for _, m := range n.members {
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(m.value, path+"/"+blocks.Pointer(m.key), item)
		v.SetMapIndex(reflect.ValueOf(m.key), item)
	}
}

func (d *decoder) steps(n *node, path string, v reflect.Value) {
	if !d.want(n, path, isList, "a list of steps") {
		return
	}
	steps := make(blocks.Steps, len(n.items))
	for i, item := range n.items {
		steps[i] = d.step(item, path+"/"+strconv.Itoa(i))
	}
	v.Set(reflect.ValueOf(steps))
}

// step reads one step, nil when it cannot be told what it is.
func (d *decoder) step(n *node, path string) blocks.Step {
	if n.shape != isObject {
		d.problems.at(n.at, CodeType, path, "a step is an object, not "+n.describe(), `such as {"type": "text", "text": "Hello"}`)
		return nil
	}
	kind := n.get("type")
	if kind == nil {
		d.problems.at(n.at, blocks.CodeMissing, path, `a step needs a "type"`, "one of "+strings.Join(kindNames(), ", "))
		return nil
	}
	if !d.want(kind, path+"/type", isString, "the type of the step") {
		return nil
	}
	for _, k := range d.kinds {
		if k.Name == kind.text {
			s := k.New()
			d.object(n, path, reflect.ValueOf(s).Elem(), "type")
			return s
		}
	}
	if slices.Contains(blocks.Later(), kind.text) {
		d.problems.at(kind.at, blocks.CodeNotYet, path+"/type", "the step "+quote(kind.text)+" is not available yet", "")
		return nil
	}
	d.problems.at(kind.at, CodeUnknownStep, path+"/type", "there is no step "+quote(kind.text), oneOf(kind.text, kindNames()))
	return nil
}

func kindNames() []string {
	var names []string
	for _, k := range blocks.Kinds() {
		names = append(names, k.Name)
	}
	return names
}

func (d *decoder) branch(n *node, path string, b *blocks.Branch) {
	switch n.shape {
	case isString:
		if err := b.Block.Read(n.text); err != nil {
			d.problems.at(n.at, CodeType, path, err.Error(), "")
		}
	case isList:
		d.steps(n, path, reflect.ValueOf(&b.Steps).Elem())
	default:
		d.problems.at(n.at, CodeType, path, "needs the name of a block or a list of steps, not "+n.describe(), "")
	}
}

// field is a field of a struct as the document knows it.
type field struct {
	name   string
	index  []int
	needed bool
	enum   []string
	doc    string
	typ    reflect.Type
}

// fieldsOf lists the fields of a struct and of those embedded in it, in order.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		if f.Anonymous && tag == "" {
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				fields = append(fields, inner)
			}
			continue
		}
		if tag == "" || tag == "-" || !f.IsExported() {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		got := field{name: name, index: []int{i}, needed: options != "omitempty", doc: f.Tag.Get("doc"), typ: f.Type}
		if enum := f.Tag.Get("enum"); enum != "" {
			got.enum = strings.Split(enum, ",")
		}
		fields = append(fields, got)
	}
	return fields
}
