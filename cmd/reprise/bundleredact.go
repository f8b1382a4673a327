package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
)

// redactor takes secrets out of what leaves the house. It rather takes too much than too little: whatever looks like a
// key is one. A card's number becomes a hash under a key that is thrown away with the redactor, so that the same card can
// be told within one bundle and nowhere else.
type redactor struct {
	key   [32]byte
	home  string // the data folder as it was named
	taken int    // how many things were taken out or hashed
	forms redactForms
}

const removed = "[removed]"

// redactForms are the looks of secrets.
type redactForms struct {
	armoured, address, mail, header, named, said, card, number, random *regexp.Regexp
	secretKey, cardKey, digestKey                                      *regexp.Regexp
}

func newRedactor() *redactor {
	r := &redactor{forms: redactForms{
		armoured: regexp.MustCompile(`(?s)-----BEGIN [A-Z ]+-----.*?(-----END [A-Z ]+-----|$)`),
		address:  regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^\s"'<>\\]+`),
		mail:     regexp.MustCompile(`[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)`),
		header:   regexp.MustCompile(`(?i)\b(bearer|basic|digest)\s+[A-Za-z0-9._~+/=-]+`),
		named: regexp.MustCompile(`(?i)([\w.-]*(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|authorization|cookie|credential|private[_-]?key)[\w.-]*)` +
			`(\\?["']?\s*[:=]\s*)(\\?"(?:[^"\\]|\\.)*\\?"|'[^']*'|[^\s,;}\]]+)`),
		said:   regexp.MustCompile(`(?i)\b(password|passwd|passphrase|pwd|secret|token|pin)(\s+(?:is\s+|was\s+)?)(\S+)`),
		card:   regexp.MustCompile(`(?i)\b((?:parent[_-]?)?id[_-]?tag|rfid|tag[_-]?id|card|uid)(\\?["']?\s*[:= ]\s*\\?["']?)([0-9A-Za-z][0-9A-Za-z:-]{3,39})`),
		number: regexp.MustCompile(`\b[0-9A-Fa-f]{2}(?:[:-]?[0-9A-Fa-f]{2}){3,9}\b`),
		random: regexp.MustCompile(`[A-Za-z0-9+/_-]{20,}={0,2}`),

		secretKey: regexp.MustCompile(`(?i)password|passwd|passphrase|pwd|secret|token|api[_-]?key|authorization|cookie|credential|private[_-]?key`),
		cardKey:   regexp.MustCompile(`(?i)^((parent)?[_-]?id[_-]?tag|rfid|tag[_-]?id|card|uid)$`),
		digestKey: regexp.MustCompile(`^(sha256|build|config|head|hash|prev|revision|run)$`),
	}}
	_, _ = rand.Read(r.key[:]) // it cannot fail
	return r
}

// text is free text without secrets.
func (r *redactor) text(s string) string {
	if r.home != "" {
		s = strings.ReplaceAll(s, r.home+"/", homeWord+"/")
	}
	if strings.Contains(s, "-----BEGIN ") {
		s = r.replace(r.forms.armoured, s, func([]string) string { return removed })
	}
	var out strings.Builder
	for line := range strings.Lines(s) {
		out.WriteString(r.line(line))
	}
	return out.String()
}

// homeWord stands for the data folder, whose place on the machine is nobody's business.
const homeWord = "DATA"

// line is one line without secrets. The forms are looked for only where a word hints at them: a log is long.
func (r *redactor) line(s string) string {
	f, low := &r.forms, strings.ToLower(s)
	if strings.Contains(low, "://") {
		s = r.replace(f.address, s, func(m []string) string { return addressOnly(m[0]) })
	}
	if strings.Contains(low, "@") {
		s = r.replace(f.mail, s, func(m []string) string { return removed + "@" + m[1] })
	}
	if hints(low, "bearer", "basic", "digest") {
		s = r.replace(f.header, s, func(m []string) string { return m[1] + " " + removed })
	}
	if hints(low, "tag", "rfid", "card", "uid") {
		s = r.replace(f.card, s, func(m []string) string {
			if !strings.ContainsAny(m[3], "0123456789") {
				return m[0]
			}
			return m[1] + m[2] + r.hash(m[3])
		})
	}
	if hints(low, "pass", "pwd", "secret", "token", "key", "authorization", "cookie", "credential", "pin") {
		s = r.replace(f.named, s, func(m []string) string { return m[1] + m[2] + removed })
		s = r.replace(f.said, s, func(m []string) string {
			if m[3] == removed || !strings.ContainsAny(m[3], "0123456789!$%&*+/=?@^_~") {
				return m[0] // a word of a sentence
			}
			return m[1] + m[2] + removed
		})
	}
	return r.looks(s)
}

func hints(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// looks takes out what nothing names and what still looks like a card's number or a key.
func (r *redactor) looks(s string) string {
	s = r.replace(r.forms.number, s, func(m []string) string {
		bare := strings.NewReplacer(":", "", "-", "").Replace(m[0])
		letters, digits := strings.ContainsAny(bare, "abcdefABCDEF"), strings.ContainsAny(bare, "0123456789")
		if n := len(bare); letters && digits && (n == 8 || n == 14 || n == 20) {
			return r.hash(bare)
		}
		return m[0]
	})
	return r.replace(r.forms.random, s, func(m []string) string {
		if strings.HasPrefix(m[0], homeWord+"/") || !strings.ContainsAny(m[0], "0123456789") || !strings.ContainsFunc(m[0], isLetter) {
			return m[0] // a file of ours, or words in a row
		}
		return removed
	})
}

func isLetter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (r *redactor) replace(form *regexp.Regexp, s string, with func(m []string) string) string {
	return form.ReplaceAllStringFunc(s, func(whole string) string {
		got := with(form.FindStringSubmatch(whole))
		if got != whole {
			r.taken++
		}
		return got
	})
}

// addressOnly keeps of an address what is not secret: an alarm's address may hold its key in the path.
func addressOnly(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return removed
	}
	if u.User == nil && u.RawQuery == "" && u.Fragment == "" && strings.Trim(u.Path, "/") == "" {
		return s
	}
	return u.Scheme + "://" + u.Host + "/" + removed
}

// hash is a card's number as this bundle calls it.
func (r *redactor) hash(number string) string {
	mac := hmac.New(sha256.New, r.key[:])
	mac.Write([]byte(strings.ToUpper(number)))
	return "card-" + hex.EncodeToString(mac.Sum(nil)[:6])
}

// json is a value as JSON without secrets, with the digests that it holds by name.
func (r *redactor) json(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	out, err := json.MarshalIndent(r.walk("", tree), "", " ")
	return append(out, '\n'), err
}

func (r *redactor) walk(key string, v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k := range x {
			x[k] = r.walk(k, x[k])
		}
	case []any:
		for i := range x {
			x[i] = r.walk(key, x[i])
		}
	case string:
		switch {
		case x == "":
		case r.forms.secretKey.MatchString(key):
			r.taken++
			return removed
		case r.forms.cardKey.MatchString(key):
			r.taken++
			return r.hash(x)
		case r.forms.digestKey.MatchString(key):
		default:
			return r.text(x)
		}
	}
	return v
}
