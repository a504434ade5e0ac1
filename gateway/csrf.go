package gateway

import (
	"mime"
	"net/http"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// preflightHeaders are headers of which one, with any content, shows that a browser asked before it sent the request: no
// page of another site can add one to a simple request (Fetch, section 4.9, CORS-preflight fetch).
var preflightHeaders = []string{"X-Csrf-Prevention", "Apollo-Require-Preflight"}

// checkCSRF refuses what a browser sends with cookies for a page of any site without asking first: a request whose content
// type is one of those that forms have, or missing. A request with another content type, such as application/json, asks
// first; the gateway allows nothing to other sites then, so that such a request never arrives.
//
// Requests of these content types are refused anyway as long as bodies must be application/json. This check comes first, and
// does not depend on that.
func checkCSRF(header http.Header) error {
	for _, name := range preflightHeaders {
		if header.Get(name) != "" {
			return nil
		}
	}
	text := header.Get("Content-Type")
	if text == "application/json" {
		return nil
	}
	switch kind, _, err := mime.ParseMediaType(text); {
	case err != nil, kind == "application/x-www-form-urlencoded", kind == "multipart/form-data", kind == "text/plain":
		return gqlerr.New(gqlerr.CSRFPrevented,
			"A request without a content type such as application/json needs the header x-csrf-prevention")
	}
	return nil
}
