// Package interop has tests only. They ask programs that others wrote whether they understand us, and we them: Hive Gateway in
// front of our subgraphs, GraphQL Yoga behind our gateway, and another implementation of RFC 9421.
//
// Each folder with a package.json is one such program. Its tests run where Node is installed and "npm install" was run in the
// folder, and are skipped elsewhere.
package interop
