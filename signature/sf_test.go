package signature

import (
	"strings"
	"testing"
)

// print writes a dictionary in the one way to write it.
func (d *dictionary) print() string {
	var out []byte
	for i := range d.entries {
		e := &d.entries[i]
		if i > 0 {
			out = append(out, ", "...)
		}
		out = append(out, e.key...)
		switch {
		case e.isList:
			out = d.appendList(append(out, '='), e)
		case e.value.kind == bareBoolean && e.value.number == 1:
			out = d.appendParams(out, e.params)
		default:
			out = d.appendParams(appendBare(append(out, '='), e.value), e.params)
		}
	}
	return string(out)
}

func TestParseDictionary(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ in, want string }{
		{"", ""}, {"  ", ""},
		{"a=1", "a=1"}, {" a=1 ", "a=1"}, {"a=1\t", "a=1"}, {"a=-0", "a=0"}, {"a=007", "a=7"}, {"a=-999999999999999", "a=-999999999999999"},
		{"a=1.5", "a=1.5"}, {"a=1.0", "a=1.0"}, {"a=-1.250", "a=-1.25"}, {"a=123456789012.001", "a=123456789012.001"}, {"a=0.05", "a=0.05"},
		{`a="x\"\\y"`, `a="x\"\\y"`}, {`a=""`, `a=""`}, {`a=" ~"`, `a=" ~"`},
		{"a=tok/en:*", "a=tok/en:*"}, {"a=*x", "a=*x"}, {"a=A", "a=A"},
		{"a=::", "a=::"}, {"a=:aGk=:", "a=:aGk=:"}, {"a=:aGVsbG8=:;x", "a=:aGVsbG8=:;x"},
		{"a", "a"}, {"a=?1", "a"}, {"a=?0", "a=?0"}, {"a;b;c=?0", "a;b;c=?0"},
		{"a=@1659578233", "a=@1659578233"}, {"a=@-5", "a=@-5"},
		{`a=%"f%c3%bc%c3%bc"`, `a=%"f%c3%bc%c3%bc"`}, {`a=%"%22%25 x"`, `a=%"%22%25 x"`},
		{"a=1,b=2", "a=1, b=2"}, {"a=1 \t,\t b=2", "a=1, b=2"}, {"a=1, b=2, a=3", "a=3, b=2"}, {"*a-_.*1=1", "*a-_.*1=1"},
		{"a=()", "a=()"}, {"a=( )", "a=()"}, {`a=("x"   "y" )`, `a=("x" "y")`}, {`a=(1;p tok;q=:aGk=:);r="s"`, `a=(1;p tok;q=:aGk=:);r="s"`},
		{"a=1;b=2;  c=3;b=4", "a=1;b=4;c=3"},
	} {
		var d dictionary
		if err := d.parse(tc.in); err != nil || d.print() != tc.want {
			t.Errorf("%q: got %q, %v, want %q", tc.in, d.print(), err, tc.want)
		}
	}
}

func TestParseDictionaryRefuses(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"=1", "A=1", "1=1", "a=", "a=1,", "a=1, ", "a=1,,b", ",a", "a=1 b=2", "a=1;", "a=1;B", "a =1", "a= 1", "\ta=1", "a=1\n",
		"a=-", "a=1.", "a=.5", "a=1.2345", "a=1234567890123456", "a=1234567890123.1", "a=--1", "a=+1", "a=1e5",
		`a="`, `a="x`, `a="\x"`, `a="\`, "a=\"\x7f\"", "a=\"\t\"", `a="é"`, `a='x'`,
		"a=:", "a=:aGk=", "a=:aGk:", "a=:aGl=:", "a=:a===:", "a=:=:", "a=:====:", "a=:aG=k:", "a=:aGk=aGk=:", "a=:a b=:", "a=:-_-_:",
		"a=?", "a=?2", "a=?true", "a=@", "a=@1.5", "a=@x",
		`a=%`, `a=%"`, `a=%"%"`, `a=%"%C3"`, `a=%"%c3"`, `a=%"%zz"`, `a=%"é"`,
		"a=(", "a=(1", "a=(1 ", `a=("x""y")`, "a=(1,2)", "a=(1\t2)", "a=((1))", "a=(a=1)", "a=() b", "a=1)",
		"é=1", "a={}", "a=[1]",
		strings.Repeat("a", maxField+1),
		"a=(" + strings.Repeat("1 ", maxItems+1) + ")", "a" + params(maxParams+1), entries(maxMembers + 1),
	} {
		var d dictionary
		if err := d.parse(in); err == nil {
			t.Errorf("%.60q: got %q, want an error", in, d.print())
		}
	}
	for _, in := range []string{"a=(" + strings.Repeat("1 ", maxItems) + ")", "a" + params(maxParams), entries(maxMembers)} {
		var d dictionary
		if err := d.parse(in); err != nil {
			t.Errorf("%.60q: %v", in, err)
		}
	}
}

func params(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(";a" + strings.Repeat("b", i))
	}
	return b.String()
}

func entries(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = "a" + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
	}
	return strings.Join(names, ", ")
}

func TestRepeated(t *testing.T) {
	t.Parallel()
	var d dictionary
	if err := d.parse("a=1;x;y;x=2, b=2, a=3, c"); err != nil {
		t.Fatal(err)
	}
	if !d.get("a").repeated || d.get("b").repeated || d.get("c").repeated || d.get("d") != nil {
		t.Errorf("%+v", d.entries)
	}
	if err := d.parse("a;x;y;x=2"); err != nil {
		t.Fatal(err)
	}
	params := d.get("a").params
	if !d.param(params, "x").repeated || d.param(params, "y").repeated || d.param(params, "z") != nil || d.get("b") != nil {
		t.Errorf("%+v", d.params)
	}
}

// FuzzDictionary wants that what is written can be read, and is written the same way again.
func FuzzDictionary(f *testing.F) {
	for _, seed := range []string{
		`gatehouse=("@method" "x";sf);created=1;nonce="a\"b";alg=tok, b=:aGk=:;x=?0, c=@5, d=%"%c3%bc", e=-1.50, f`,
		`sig=("a" "a";b=1.5;c)  ,sig=2`, `a=(`, `a="\`, `a=:a`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var d, again dictionary
		if d.parse(in) != nil {
			return
		}
		out := d.print()
		if err := again.parse(out); err != nil && len(out) <= maxField {
			t.Fatalf("%q became %q: %v", in, out, err)
		}
		if twice := again.print(); twice != out && len(out) <= maxField {
			t.Fatalf("%q became %q, and that %q", in, out, twice)
		}
	})
}
