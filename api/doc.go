// Package api is the unit's face on the network: the picture and its live stream, requests with their answers, history,
// papers, metrics and the page itself, over net/http. It decides nothing about the machine. A write is a request with a
// source and an expiry, handed to the unit through the small interfaces declared here; the unit's answer goes back as it
// came. Powers on this surface keep the sign of package bess; indices count from zero, and only screens count from one.
//
// Whoever serves it beyond loopback needs a token (CheckBind). Writes that come from another origin are refused
// everywhere, loopback included, and so are names that are not this unit's, which closes the door to a web page that
// points its own name at the unit (DNS rebinding). Errors are RFC 9457 problem details that say where and what to do.
package api
