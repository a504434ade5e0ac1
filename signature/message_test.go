package signature

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestRFC9421B25 reproduces appendix B.2.5 of the RFC.
func TestRFC9421B25(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "/foo?param=Value&Pet=dog", strings.NewReader(`{"hello": "world"}`))
	r.Host = "example.com"
	r.Header.Set("Date", "Tue, 20 Apr 2021 02:07:55 GMT")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Length", "18")
	// test-shared-secret is the id; the key is what this decodes to.
	secret, err := base64.StdEncoding.DecodeString("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")
	if err != nil || len(secret) != 64 {
		t.Fatal(len(secret), err)
	}
	key, err := NewKey("test-shared-secret", secret)
	if err != nil {
		t.Fatal(err)
	}
	base, err := AppendBase(nil, FromRequest(r), `("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"`)
	if err != nil {
		t.Fatal(err)
	}
	want := `"date": Tue, 20 Apr 2021 02:07:55 GMT
"@authority": example.com
"content-type": application/json
"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"`
	if string(base) != want {
		t.Errorf("the base is\n%s\nwant\n%s", base, want)
	}
	const mac = "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="
	if got := string(key.AppendMAC(nil, base)); got != mac || !key.VerifyMAC(base, mac) {
		t.Errorf("got %s, want %s", got, mac)
	}
}

func TestFromRequest(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		target, host string
		tls          bool
		want         string
	}{
		{"/graphql", "Example.com:80", false, "example.com /graphql ?"},
		{"/graphql?", "example.com:443", true, "example.com /graphql ?"},
		{"/a%2Fb?x=%20&y", "example.com:80", true, "example.com:80 /a%2Fb ?x=%20&y"},
		{"http://example.com", "example.com", false, "example.com / ?"},
	} {
		r := httptest.NewRequest(http.MethodPost, tc.target, nil)
		r.Host, r.TLS = tc.host, nil
		if tc.tls {
			r.TLS = new(tls.ConnectionState)
		}
		base, err := AppendBase(nil, FromRequest(r), `("@authority" "@path" "@query" "@method")`)
		parts := strings.Fields(tc.want)
		want := `"@authority": ` + parts[0] + "\n" + `"@path": ` + parts[1] + "\n" + `"@query": ` + parts[2] + "\n" + `"@method": POST` + "\n" +
			`"@signature-params": ("@authority" "@path" "@query" "@method")`
		if err != nil || string(base) != want {
			t.Errorf("%s: got\n%s\n%v", tc.target, base, err)
		}
	}
}

func TestAppendBase(t *testing.T) {
	t.Parallel()
	m := Message{Method: "POST", Header: http.Header{
		"X-Two":            {" a ", "\tb, c"},
		"X-Lower_1":        {"d"},
		"X-Empty":          {""},
		"X-None":           {},
		"X-Line":           {"a\nb"},
		"x-other-spelling": {"a"},
	}}
	got, err := AppendBase([]byte("> "), m, `( "x-two"  "x-lower_1" "x-empty" );b="\"";a;a=1.50`)
	want := `> "x-two": a, b, c` + "\n" + `"x-lower_1": d` + "\n" + `"x-empty": ` + "\n" + `"@signature-params": ("x-two" "x-lower_1" "x-empty");b="\"";a=1.5`
	if err != nil || string(got) != want {
		t.Errorf("got\n%s\n%v, want\n%s", got, err, want)
	}
	for _, input := range []string{
		`("x-none")`, `("x-absent")`, `("x-line")`, `("x-other-spelling")`, `("x-` + strings.Repeat("a", 200) + `")`, `("X-Two")`, `("x-two" "x-two")`, `("x-two";sf)`, `("x-two";key="a")`, `("@method";req)`,
		`("@target-uri")`, `("@status")`, `("@query-param";name="a")`, `("@signature-params")`, `("")`, `(x-two)`, `(1)`, `"x-two"`, `()`, ``, `(`, `("x-two"), a=1`, `("é")`,
	} {
		got, err := AppendBase([]byte("> "), m, input)
		if input == "()" {
			if err != nil || string(got) != `> "@signature-params": ()` {
				t.Errorf("%s: got %s, %v", input, got, err)
			}
		} else if err == nil || string(got) != "> " {
			t.Errorf("%s: got %s, %v, want an error", input, got, err)
		}
	}
}

// fixture is a signed message, its signer and its verifier, at one time.
type fixture struct {
	signer   *Signer
	verifier *Verifier
	message  Message
	body     []byte
	at       time.Time
}

var moment = time.Unix(1764000000, 0)

func newFixture(tb testing.TB, session ...Field) *fixture {
	tb.Helper()
	f := &fixture{at: moment, body: []byte(`{"query":"{a}"}`)}
	key := testKey(tb, "2026-11", "k")
	var err error
	f.signer, err = NewSigner(SignerConfig{Subgraph: "reviews", Key: key, Now: func() time.Time { return moment }})
	if err != nil {
		tb.Fatal(err)
	}
	f.signer.nonce = func(n *[16]byte) { copy(n[:], "0123456789abcdef") }
	f.verifier, err = NewVerifier(VerifierConfig{
		Subgraph: "reviews", Keys: []*Key{testKey(tb, "2026-12", "n"), key}, SessionPrefix: "x-hasura-", ClockSkew: 5 * time.Second,
		Now: func() time.Time { return f.at },
	})
	if err != nil {
		tb.Fatal(err)
	}
	f.message = Message{Method: "POST", Header: http.Header{"Content-Type": {"application/json"}, "Accept": {"*/*"}}}
	for _, s := range session {
		f.message.Header.Set(s.Name, s.Value)
	}
	signed, err := f.signer.Sign(f.body, session)
	if err != nil {
		tb.Fatal(err)
	}
	signed.Set(f.message.Header)
	return f
}

func TestSign(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Field{"x-hasura-role", " user\t"}, Field{"x-hasura-name", "Zoë"})
	for name, want := range map[string]string{
		"Content-Digest":   "sha-256=:Y5OQssUyJq45RKhbt3hA7ap60MCa2lmNYFSiwv4j9H8=:",
		"Graphql-Subgraph": "reviews",
		"Signature-Input": `gatehouse=("@method" "@query" "content-type" "content-digest" "graphql-subgraph" "x-hasura-role" "x-hasura-name")` +
			`;created=1764000000;expires=1764000030;nonce="MDEyMzQ1Njc4OWFiY2RlZg==";keyid="2026-11";alg="hmac-sha256";tag="gatehouse"`,
	} {
		if got := f.message.Header[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	input := strings.TrimPrefix(f.message.Header.Get("Signature-Input"), "gatehouse=")
	base, err := AppendBase(nil, f.message, input)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.message.Header.Get("Signature"), "gatehouse=:"+string(f.signer.key.AppendMAC(nil, base))+":"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	verified, err := f.verifier.Verify(f.message, f.body)
	if err != nil || verified.KeyID != "2026-11" || string(verified.Nonce[:]) != "0123456789abcdef" || !verified.Expires.Equal(moment.Add(30*time.Second)) {
		t.Errorf("got %+v, %v", verified, err)
	}
	for _, session := range [][]Field{
		{{"x-a", "1"}, {"x-a", "2"}}, {{"X-A", "1"}}, {{"", "1"}}, {{"a b", "1"}}, {{"content-type", "1"}}, {{"@method", "GET"}}, {{"x-a", "1\r\nx-b: 2"}}, {{"x-a", "\x00"}},
	} {
		if _, err := f.signer.Sign(f.body, session); err == nil {
			t.Errorf("%q were signed", session)
		}
	}
}

func TestSignWithQuery(t *testing.T) {
	t.Parallel()
	key := testKey(t, "k", "k")
	signer, err := NewSigner(SignerConfig{Subgraph: "my reviews", Key: key, Query: "v=1", ContentType: "application/json; charset=utf-8"})
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := NewVerifier(VerifierConfig{Subgraph: "my reviews", Keys: []*Key{key}})
	if err != nil {
		t.Fatal(err)
	}
	nonces := map[[16]byte]bool{}
	for range 100 {
		signed, err := signer.Sign(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		h := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
		signed.Set(h)
		verified, err := verifier.Verify(Message{Method: "POST", Query: "v=1", Header: h}, nil)
		if err != nil {
			t.Fatal(err)
		}
		nonces[verified.Nonce] = true
		if _, err := verifier.Verify(Message{Method: "POST", Header: h}, nil); !errors.Is(err, Invalid) {
			t.Errorf("without its query: %v", err)
		}
	}
	if len(nonces) != 100 {
		t.Errorf("100 signatures have %d nonces", len(nonces))
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	key := testKey(t, "k", "k")
	for name, c := range map[string]SignerConfig{
		"no key":       {Subgraph: "a"},
		"no name":      {Key: key},
		"strange name": {Key: key, Subgraph: "a\nb"},
		"long":         {Key: key, Subgraph: "a", Expires: 61 * time.Second},
		"short":        {Key: key, Subgraph: "a", Expires: time.Millisecond},
		"fraction":     {Key: key, Subgraph: "a", Expires: 1500 * time.Millisecond},
		"content type": {Key: key, Subgraph: "a", ContentType: "a\nb"},
		"query":        {Key: key, Subgraph: "a", Query: "a\nb"},
	} {
		if _, err := NewSigner(c); err == nil {
			t.Errorf("%s: the signer was accepted", name)
		}
	}
	for name, c := range map[string]VerifierConfig{
		"no keys": {Subgraph: "a"},
		"no name": {Keys: []*Key{key}},
		"two":     {Subgraph: "a", Keys: []*Key{key, testKey(t, "k", "l")}},
		"skew":    {Subgraph: "a", Keys: []*Key{key}, ClockSkew: time.Hour},
	} {
		if _, err := NewVerifier(c); err == nil {
			t.Errorf("%s: the verifier was accepted", name)
		}
	}
}

// TestHostile changes one thing of a good message each.
func TestHostile(t *testing.T) {
	t.Parallel()
	type change func(f *fixture)
	set := func(name string, values ...string) change {
		return func(f *fixture) { f.message.Header[name] = values }
	}
	replace := func(name, old, by string) change {
		return func(f *fixture) {
			before := f.message.Header.Get(name)
			after := strings.Replace(before, old, by, 1)
			if after == before {
				panic(old + " is not in " + name)
			}
			f.message.Header.Set(name, after)
		}
	}
	// resign signs what the message has become with a key that the verifier knows.
	resign := func(before change) change {
		return func(f *fixture) {
			before(f)
			input := strings.TrimPrefix(f.message.Header.Get("Signature-Input"), "gatehouse=")
			base, err := AppendBase(nil, f.message, input)
			if err != nil {
				panic(err)
			}
			f.message.Header.Set("Signature", "gatehouse=:"+string(f.signer.key.AppendMAC(nil, base))+":")
		}
	}
	other := func(f *fixture) string {
		return strings.ReplaceAll(f.message.Header.Get("Signature-Input"), "gatehouse=", "other=")
	}
	for name, tc := range map[string]struct {
		change change
		want   error
	}{
		"nothing":              {func(*fixture) {}, nil},
		"one byte of the body": {func(f *fixture) { f.body[3] ^= 1 }, Invalid},
		"longer body":          {func(f *fixture) { f.body = append(f.body, ' ') }, Invalid},
		"body and digest": {func(f *fixture) {
			f.body = nil
			set("Content-Digest", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:")(f)
		}, Invalid},
		"method":                  {func(f *fixture) { f.message.Method = "PUT" }, Invalid},
		"query":                   {func(f *fixture) { f.message.Query = "a" }, Invalid},
		"content type":            {set("Content-Type", "application/json; charset=utf-8"), Invalid},
		"two content types":       {set("Content-Type", "application/json", "application/json"), Invalid},
		"no content type":         {set("Content-Type"), Invalid},
		"audience":                {set("Graphql-Subgraph", "products"), WrongAudience},
		"no audience":             {set("Graphql-Subgraph"), Invalid},
		"two audiences":           {set("Graphql-Subgraph", "reviews", "reviews"), Invalid},
		"audience in one line":    {set("Graphql-Subgraph", "reviews, reviews"), WrongAudience},
		"audience for ours":       {func(f *fixture) { f.verifier.config.Subgraph = "products" }, WrongAudience},
		"forged audience":         {func(f *fixture) { f.verifier.config.Subgraph = "products"; set("Graphql-Subgraph", "products")(f) }, Invalid},
		"unknown key":             {replace("Signature-Input", `keyid="2026-11"`, `keyid="2026-10"`), UnknownKey},
		"other key":               {replace("Signature-Input", `keyid="2026-11"`, `keyid="2026-12"`), Invalid},
		"no key":                  {replace("Signature-Input", `;keyid="2026-11"`, ``), Invalid},
		"key as token":            {replace("Signature-Input", `keyid="2026-11"`, `keyid=k`), Invalid},
		"nonce":                   {replace("Signature-Input", `nonce="M`, `nonce="N`), Invalid},
		"no nonce":                {replace("Signature-Input", `;nonce="MDEyMzQ1Njc4OWFiY2RlZg=="`, ``), Invalid},
		"short nonce":             {resign(replace("Signature-Input", `MDEyMzQ1Njc4OWFiY2RlZg==`, `MDEyMzQ1Njc4OWFiY2Rl`)), Invalid},
		"nonce, other spelling":   {resign(replace("Signature-Input", `ZZg==`[1:], `Zh==`)), Invalid},
		"created":                 {replace("Signature-Input", "created=1764000000", "created=1764000001"), Invalid},
		"expires":                 {replace("Signature-Input", "expires=1764000030", "expires=1764000031"), Invalid},
		"no created":              {resign(replace("Signature-Input", "created=1764000000;", "")), Invalid},
		"no expires":              {resign(replace("Signature-Input", "expires=1764000030;", "")), Invalid},
		"created with a fraction": {resign(replace("Signature-Input", "created=1764000000", "created=1764000000.0")), Invalid},
		"window":                  {resign(replace("Signature-Input", "expires=1764000030", "expires=1764000061")), Invalid},
		"longest window":          {resign(replace("Signature-Input", "expires=1764000030", "expires=1764000060")), nil},
		"no window":               {resign(replace("Signature-Input", "expires=1764000030", "expires=1764000000")), Invalid},
		"backwards":               {resign(replace("Signature-Input", "expires=1764000030", "expires=1763999999")), Invalid},
		"huge times":              {resign(replace("Signature-Input", "created=1764000000", "created=-999999999999999")), Invalid},
		"last second":             {func(f *fixture) { f.at = moment.Add(30*time.Second + 999*time.Millisecond) }, nil},
		"expired":                 {func(f *fixture) { f.at = moment.Add(31 * time.Second) }, Expired},
		"within the skew":         {func(f *fixture) { f.at = moment.Add(-5 * time.Second) }, nil},
		"from the future":         {func(f *fixture) { f.at = moment.Add(-5*time.Second - time.Millisecond) }, Expired},
		"alg":                     {replace("Signature-Input", `alg="hmac-sha256"`, `alg="hmac-sha512"`), Invalid},
		"alg, signed":             {resign(replace("Signature-Input", `alg="hmac-sha256"`, `alg="none"`)), Invalid},
		"alg, token":              {resign(replace("Signature-Input", `alg="hmac-sha256"`, `alg=hmac-sha256`)), Invalid},
		"without alg":             {resign(replace("Signature-Input", `;alg="hmac-sha256"`, ``)), nil},
		"repeated parameter":      {resign(replace("Signature-Input", `;alg=`, `;keyid="2026-11";alg=`)), Invalid},
		"other parameter":         {resign(replace("Signature-Input", `;alg=`, `;x=1;alg=`)), nil},
		"tag":                     {replace("Signature-Input", `tag="gatehouse"`, `tag="other"`), Missing},
		"tag as token":            {replace("Signature-Input", `tag="gatehouse"`, `tag=gatehouse`), Missing},
		"no tag":                  {replace("Signature-Input", `;tag="gatehouse"`, ``), Missing},
		"no input":                {set("Signature-Input"), Missing},
		"no signature":            {set("Signature"), Invalid},
		"empty signature":         {set("Signature", ""), Invalid},
		"nothing of a signature":  {func(f *fixture) { f.message.Header = http.Header{} }, Missing},
		"two of ours":             {func(f *fixture) { f.message.Header.Add("Signature-Input", other(f)) }, Invalid},
		"two with one label":      {func(f *fixture) { f.message.Header.Add("Signature-Input", f.message.Header.Get("Signature-Input")) }, Invalid},
		"two signatures":          {func(f *fixture) { f.message.Header.Add("Signature", f.message.Header.Get("Signature")) }, Invalid},
		"another signature": {func(f *fixture) {
			f.message.Header.Add("Signature-Input", `sig1=("date");tag="x"`)
			f.message.Header.Add("Signature", `sig1=:aGk=:`)
		}, nil},
		"another before": {func(f *fixture) {
			set("Signature-Input", `sig1=("x";sf "@status");x=@1;y=1.5, `+f.message.Header.Get("Signature-Input"))(f)
		}, nil},
		"broken beside":            {func(f *fixture) { f.message.Header.Add("Signature-Input", `sig1=(`) }, Invalid},
		"broken signature beside":  {func(f *fixture) { f.message.Header.Add("Signature", `sig1=(`) }, Invalid},
		"input is no list":         {set("Signature-Input", `gatehouse="x";tag="gatehouse"`), Invalid},
		"signature of other label": {replace("Signature", "gatehouse=", "other="), Invalid},
		"signature as string":      {set("Signature", `gatehouse="x"`), Invalid},
		"short signature":          {set("Signature", `gatehouse=:aGk=:`), Invalid},
		"zero signature":           {set("Signature", `gatehouse=:`+strings.Repeat("A", 43)+`=:`), Invalid},
		"component missing":        {resign(replace("Signature-Input", ` "content-digest"`, ``)), Invalid},
		"method missing":           {resign(replace("Signature-Input", `"@method" `, ``)), Invalid},
		"audience not covered":     {resign(replace("Signature-Input", ` "graphql-subgraph"`, ``)), Invalid},
		"component twice":          {replace("Signature-Input", `"@method" "@query"`, `"@method" "@method"`), Invalid},
		"component with parameter": {replace("Signature-Input", `"content-type"`, `"content-type";sf`), Invalid},
		"component unknown":        {replace("Signature-Input", `"@query"`, `"@query" "@status"`), Invalid},
		"component absent":         {replace("Signature-Input", `"@query"`, `"@query" "x-absent"`), Invalid},
		"more components":          {resign(replace("Signature-Input", `"@query"`, `"@query" "accept" "@path"`)), nil},
		"no digest":                {set("Content-Digest"), Invalid},
		"digest twice":             {func(f *fixture) { f.message.Header.Add("Content-Digest", f.message.Header.Get("Content-Digest")) }, Invalid},
		"digest of another kind":   {resign(replace("Content-Digest", "sha-256", "sha-512")), Invalid},
		"two digests":              {resign(replace("Content-Digest", "sha-256", "sha-512=:aGk=:, sha-256")), Invalid},
		"short digest":             {resign(set("Content-Digest", "sha-256=:aGk=:")), Invalid},
		"broken digest":            {resign(set("Content-Digest", "sha-256")), Invalid},
		"session header added":     {set("X-Hasura-Role", "admin"), Invalid},
		"spelt differently":        {func(f *fixture) { f.message.Header["x-hasura-ROLE"] = []string{"admin"} }, Invalid},
		"session header changed":   {set("X-Hasura-User-Id", "2"), Invalid},
		"session header removed":   {set("X-Hasura-User-Id"), Invalid},
		"session header twice":     {set("X-Hasura-User-Id", "1", "2"), Invalid},
		"session header split":     {resign(set("X-Hasura-User-Id", "1", "2")), Invalid},
		"session header, case":     {func(f *fixture) { f.message.Header["x-hasura-user-id"] = []string{"2"} }, Invalid},
		"uncovered header":         {set("Accept", "text/html"), nil},
		"spaces on the way":        {set("X-Hasura-User-Id", "  1 "), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, Field{"x-hasura-user-id", "1"})
			tc.change(f)
			verified, err := f.verifier.Verify(f.message, f.body)
			if !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			if failure := (*Error)(nil); err != nil && (!errors.As(err, &failure) || failure.Detail == "") {
				t.Errorf("%v is no *Error with a detail", err)
			}
			if err == nil && verified.Nonce == ([16]byte{}) {
				t.Error("the nonce is missing")
			}
		})
	}
}

// FuzzVerify wants no input to verify that was not signed.
func FuzzVerify(f *testing.F) {
	good := newFixture(f)
	f.Add(good.message.Header.Get("Signature-Input"), good.message.Header.Get("Signature"), "reviews", good.message.Header.Get("Content-Digest"))
	f.Fuzz(func(t *testing.T, input, signature, audience, digest string) {
		h := http.Header{
			"Content-Type": {"application/json"}, "Signature-Input": {input}, "Signature": {signature},
			"Graphql-Subgraph": {audience}, "Content-Digest": {digest},
		}
		if _, err := good.verifier.Verify(Message{Method: "POST", Header: h}, good.body); err != nil {
			return
		}
		// What verifies has the same signature base.
		var d dictionary
		if err := d.parse(input); err != nil || !strings.Contains(d.print(), strings.TrimPrefix(good.message.Header.Get("Signature-Input"), "gatehouse=")) {
			t.Fatalf("%q %q %q %q", input, signature, audience, digest)
		}
	})
}
