package graphiql

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, method, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler("/graphql").ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		method, path string
		status       int
		contentType  string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/graphql", 200, "text/html; charset=utf-8"},
		{"GET", "/graphiql/", 200, "text/html; charset=utf-8"},
		{"HEAD", "/graphiql/", 200, "text/html; charset=utf-8"},
		{"GET", "/graphiql/boot.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/graphiql/graphiql.min.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/graphiql/react.production.min.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/graphiql/react-dom.production.min.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/graphiql/graphiql.min.css", 200, "text/css; charset=utf-8"},
		{"GET", "/graphiql/page.css", 200, "text/css; charset=utf-8"},
		{"GET", "/graphiql/icon.svg", 200, "image/svg+xml"},
		{"GET", "/graphiql/LICENSES.txt", 200, "text/plain; charset=utf-8"},
		{"GET", "/graphiql/index.html", 404, "text/plain; charset=utf-8"}, // the page with its variables open
		{"GET", "/graphiql/../graphiql.go", 404, "text/plain; charset=utf-8"},
		{"GET", "/graphiql/nothing.js", 404, "text/plain; charset=utf-8"},
		{"POST", "/graphiql/", 405, "text/plain; charset=utf-8"},
	} {
		resp := get(t, tc.method, tc.path)
		if got := resp.Header().Get("Content-Type"); resp.Code != tc.status || got != tc.contentType {
			t.Errorf("%s %s: %d %s, want %d %s", tc.method, tc.path, resp.Code, got, tc.status, tc.contentType)
		}
		if tc.status == 405 && resp.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s %s: Allow is %q", tc.method, tc.path, resp.Header().Get("Allow"))
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/graphiql/boot.js"} {
		h := get(t, "GET", path).Header()
		policy := h.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self';", "connect-src 'self';", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy %q lacks %s", path, policy, part)
			}
		}
		if strings.Contains(policy, "unsafe-eval") || strings.Contains(policy, "http") {
			t.Errorf("%s: the policy %q is too wide", path, policy)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: headers are missing: %v", path, h)
		}
	}
}

func TestNotModified(t *testing.T) {
	t.Parallel()
	first := get(t, "GET", "/graphiql/graphiql.min.js")
	if first.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("Cache-Control is %q", first.Header().Get("Cache-Control"))
	}
	second := get(t, "GET", "/graphiql/graphiql.min.js", "If-None-Match", first.Header().Get("ETag"))
	if second.Code != http.StatusNotModified {
		t.Errorf("the same file again: %d", second.Code)
	}
}

func TestEndpointIsEscaped(t *testing.T) {
	t.Parallel()
	page := string(fill([]byte(`<div data-endpoint="{{endpoint}}">`), `/a"><script>`))
	if want := `<div data-endpoint="/a&#34;&gt;&lt;script&gt;">`; page != want {
		t.Errorf("got %s, want %s", page, want)
	}
}

// TestPageIsSelfContained wants our own files to load nothing from another origin, and the page to ask only for files
// that are served.
func TestPageIsSelfContained(t *testing.T) {
	t.Parallel()
	origin := regexp.MustCompile(`(?i)(?:https?:)?//[a-z0-9.-]+\.[a-z]+`)
	entries, err := fs.ReadDir(files, "page")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		content, err := files.ReadFile("page/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(content), `xmlns="http://www.w3.org/2000/svg"`, "") // a name, not an address
		if found := origin.FindString(text); found != "" {
			t.Errorf("page/%s has the origin %s", e.Name(), found)
		}
	}

	page, err := files.ReadFile("page/index.html")
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`<script>|<style|\son[a-z]+=`).Match(page) {
		t.Error("the page has inline scripts or styles")
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllSubmatch(fill(page, "/graphql"), -1) {
		if resp := get(t, "GET", string(m[1])); resp.Code != http.StatusOK {
			t.Errorf("the page asks for %s: %d", m[1], resp.Code)
		}
	}

	style, err := files.ReadFile("assets/graphiql.min.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`url\(["']?([^)]{0,20})|@import`).FindAllSubmatch(style, -1) {
		if !strings.HasPrefix(string(m[1]), "data:") {
			t.Errorf("the style sheet of GraphiQL loads %s", m[0])
		}
	}
}

// TestVersions compares the files with the sums in VERSIONS.md.
func TestVersions(t *testing.T) {
	t.Parallel()
	versions, err := os.ReadFile("assets/VERSIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := fs.ReadDir(files, "assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == "LICENSES.txt" {
			continue
		}
		content, err := files.ReadFile("assets/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		row := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(e.Name()) + ` \|.*\| ` + hex.EncodeToString(sum[:]) + ` \|$`)
		if !row.Match(versions) {
			t.Errorf("%s is not in VERSIONS.md with the sum %x", e.Name(), sum)
		}
	}
}
