// Package graphiql serves GraphiQL, a page on which people try queries, from files in the binary: the page loads
// nothing from anywhere else and works offline.
package graphiql

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// Prefix is the path below which the files of the page are served. The page itself is served there, too.
const Prefix = "/graphiql/"

// policy lets the page run its own scripts and talk to its own server, and nothing else. Styles may be inline: the
// editor positions its lines with them. Fonts and cursors are inside the style sheet.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed assets/*.js assets/*.css assets/LICENSES.txt page
var files embed.FS

// file is what one path answers. Its tag changes with its content.
type file struct {
	contentType, tag string
	content          []byte
}

// Handler returns a handler that answers GET and HEAD: "/", Prefix and the endpoint with the page, the files below
// Prefix with what the page needs, and everything else with 404. The page sends its queries to endpoint, a path such
// as "/graphql". The handler is safe for concurrent use.
func Handler(endpoint string) http.Handler {
	served := map[string]file{}
	for _, dir := range []string{"assets", "page"} {
		entries, err := fs.ReadDir(files, dir)
		if err != nil {
			panic(err) // the folder is in the binary
		}
		for _, e := range entries {
			content, err := files.ReadFile(path.Join(dir, e.Name()))
			if err != nil {
				panic(err) // the file is in the binary
			}
			served[Prefix+e.Name()] = newFile(e.Name(), content)
		}
	}
	page := newFile("index.html", fill(served[Prefix+"index.html"].content, endpoint))
	delete(served, Prefix+"index.html")
	for _, at := range []string{"/", Prefix, endpoint} {
		served[at] = page
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(w, r, served) })
}

// serve answers one request.
func serve(w http.ResponseWriter, r *http.Request, served map[string]file) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Method not allowed", http.StatusMethodNotAllowed)
		return
	}
	f, ok := served[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
	// Always ask, mostly be told 304: a new version of the gateway shows its new page at once.
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", f.tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
}

// newFile returns a file with the content type that its name says.
func newFile(name string, content []byte) file {
	sum := sha256.Sum256(content)
	return file{
		contentType: contentType(path.Ext(name)),
		tag:         `"` + hex.EncodeToString(sum[:16]) + `"`,
		content:     content,
	}
}

// contentType returns the media type of a file. The table of the machine is asked last, since machines differ.
func contentType(extension string) string {
	switch extension {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return mime.TypeByExtension(extension)
}

// fill returns the page with its two variables filled in.
func fill(page []byte, endpoint string) []byte {
	filled := strings.NewReplacer("{{prefix}}", Prefix, "{{endpoint}}", html.EscapeString(endpoint)).Replace(string(page))
	return []byte(filled)
}
