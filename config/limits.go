package config

import "time"

// Server is where the API listens.
type Server struct {
	Addr string `env:"RETAILQ_API_ADDR" envDefault:"127.0.0.1:8080"`
}

func (c Server) check(r *report) { checkAddr(r, "RETAILQ_API_ADDR", c.Addr) }

// minTokenSecret is the shortest key for HS256, in bytes: RFC 7518, section 3.2.
const minTokenSecret = 32

// Auth is how tokens are made and verified.
type Auth struct {
	TokenSecret Secret        `env:"RETAILQ_TOKEN_SECRET" required:"true" example:"$(openssl rand -base64 48)"`
	TokenTTL    time.Duration `env:"RETAILQ_TOKEN_TTL" envDefault:"12h"`
}

func (c Auth) check(r *report) {
	n := len(c.TokenSecret)
	r.require(n == 0 || n >= minTokenSecret,
		"RETAILQ_TOKEN_SECRET", "has %d bytes, and needs at least %d", n, minTokenSecret)
	r.require(c.TokenTTL >= time.Minute && c.TokenTTL <= 30*24*time.Hour, "RETAILQ_TOKEN_TTL", "must be from 1m to 720h")
}

// minPageMax is how many items of a list clients ask for that do not care, the CLI among them. More than the limit is
// refused, so that a lower limit would refuse them all.
const minPageMax = 50

// Requests bounds what one request may ask for.
type Requests struct {
	MaxBody      ByteSize      `env:"RETAILQ_MAX_BODY" envDefault:"1MiB"`
	PageMax      int           `env:"RETAILQ_PAGE_MAX" envDefault:"200"`
	UploadURLTTL time.Duration `env:"RETAILQ_UPLOAD_URL_TTL" envDefault:"15m"`
}

func (c Requests) check(r *report) {
	r.require(c.MaxBody >= 1<<10, "RETAILQ_MAX_BODY", "must be at least 1KiB")
	r.require(c.PageMax >= minPageMax && c.PageMax <= 1000, "RETAILQ_PAGE_MAX", "must be from %d to 1000", minPageMax)
	// S3 signs for a week at most.
	r.require(c.UploadURLTTL >= time.Second && c.UploadURLTTL <= 7*24*time.Hour,
		"RETAILQ_UPLOAD_URL_TTL", "must be from 1s to 168h")
}

// Files bounds customers' files.
type Files struct {
	MaxUpload  ByteSize `env:"RETAILQ_MAX_UPLOAD" envDefault:"10GiB"`
	MaxRows    int64    `env:"RETAILQ_MAX_ROWS" envDefault:"20000000"`
	MaxColumns int      `env:"RETAILQ_MAX_COLUMNS" envDefault:"200"`
}

func (c Files) check(r *report) {
	r.require(c.MaxUpload >= 1<<10, "RETAILQ_MAX_UPLOAD", "must be at least 1KiB")
	r.require(c.MaxRows >= 1, "RETAILQ_MAX_ROWS", "must be at least 1")
	r.require(c.MaxColumns >= 2, "RETAILQ_MAX_COLUMNS", "must be at least 2: uid and name")
}

// Imports is how an import is cut up.
type Imports struct {
	ChunkRows int `env:"RETAILQ_CHUNK_ROWS" envDefault:"5000"`
	// Window is how many chunks of one import are in flight.
	Window int `env:"RETAILQ_IMPORT_WINDOW" envDefault:"4"`
}

func (c Imports) check(r *report) {
	r.require(c.ChunkRows >= 1 && c.ChunkRows <= 100_000, "RETAILQ_CHUNK_ROWS", "must be from 1 to 100000")
	r.require(c.Window >= 1 && c.Window <= 256, "RETAILQ_IMPORT_WINDOW", "must be from 1 to 256")
}

// Endpoint is the API as the CLI reaches it.
type Endpoint struct {
	URL   string `env:"RETAILQ_URL" envDefault:"http://127.0.0.1:8080"`
	Token Secret `env:"RETAILQ_TOKEN" example:"$(retailq token --role operator)"`
}

func (c Endpoint) check(r *report) { checkURL(r, "RETAILQ_URL", c.URL, "http", "https") }
