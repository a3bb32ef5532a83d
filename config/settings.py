"""All settings of Imprimatur. Values come from the environment through env.py and are safe by default.

docs/reference/settings.md says what each variable is for.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from config import env, modes

# ---- Which installation this is

BASE_DIR = env.BASE_DIR
env.load(env.BASE_DIR / env.text("ENV_FILE", ".env"))
VAR_DIR = env.own_folder("VAR_DIR", BASE_DIR / "var")
# `make run` says DEMO_WITHOUT_KEY: whoever has set no SECRET_KEY is trying it out.
DEMO = env.flag("DEMO", env.flag("DEMO_WITHOUT_KEY") and not env.text("SECRET_KEY", ""))
DEBUG = env.flag("DEBUG")
PORT = env.number("PORT", 8000, most=65535)
SECRET_KEY = env.text("SECRET_KEY", modes.DEMO_KEY if DEMO else None)
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS")
SITE_URL = env.site("SITE_URL", f"http://127.0.0.1:{PORT}")
SITE_NAME = env.text("SITE_NAME", "Imprimatur")
# What the foot of every page says: where errors are reported, and who may use the words.
CONTACT_EMAIL = env.text("CONTACT_EMAIL", f"desk@{urlsplit(SITE_URL).hostname}")
LICENCE = env.text("LICENCE", f"© {SITE_NAME}. All rights reserved.")
# Where somebody who found a weakness can tell it; without it there is no /.well-known/security.txt.
SECURITY_CONTACT = env.contact("SECURITY_CONTACT")
# How many articles a part of the sitemap holds; each may have two addresses, and a part may have 50,000.
SITEMAP_ARTICLES = max(1, env.number("SITEMAP_ARTICLES", 25_000, most=25_000))
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if env.is_loopback(SITE_URL) else str(urlsplit(SITE_URL).hostname))
# A site that others reach speaks HTTPS unless HTTPS=0 says otherwise.
HTTPS = env.flag("HTTPS", not env.is_loopback(SITE_URL))
# How many proxies of ours stand in front, each adding to X-Forwarded-For; 0: the header is not believed.
PROXIES = env.number("PROXIES", 0, most=9)

DATABASES: dict[str, dict[str, Any]] = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'imprimatur.sqlite3'}")}
if env.text("DATABASE_OWNER_URL", ""):
    # Migrations run under this role; the application's own role owns no table.
    DATABASES["owner"] = env.database("DATABASE_OWNER_URL") | {"CONN_MAX_AGE": 0, "TEST": {"MIRROR": "default"}}

modes.refuse_unsafe(
    demo=DEMO, debug=DEBUG, https=HTTPS, site_url=SITE_URL, hosts=ALLOWED_HOSTS, secret_key=SECRET_KEY, databases=DATABASES
)

# ---- The application

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "simple_history",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "records",
    "articles",
    "reviews",
    "editorial",
]
MIDDLEWARE = [
    "editorial.middleware.Headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Answers public pages and health checks; what follows is for people who sign in.
    "editorial.middleware.SessionlessPages",
    "editorial.middleware.BoundedBody",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "editorial.middleware.SecondFactor",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "editorial.frame.in_templates",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = env.zone("TIME_ZONE", "UTC")
LANGUAGE_CODE = "en-gb"
SIMPLE_HISTORY_REVERT_DISABLED = True
# An act's reason may be as long as the person wrote it.
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

# ---- Who signs in

AUTH_USER_MODEL = "records.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "records.accounts.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ["email"]}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "records.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
# An account has one address, User.email; allauth's own ways keep copies of it, which outlive a change.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105 — the name of a class
ACCOUNT_FORMS = {"reset_password": "records.resetting.ResetPasswordForm"}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.split(":", 1)[0]
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# By network alone: a limit by account would let anyone lock a colleague out. Axes slows each pair of the two.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "120/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES

MFA_ADAPTER = "records.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the administrator gives the addresses; nobody signs up under somebody else's
MFA_TOTP_TOLERANCE = 1  # who types slowly, or whose clock is off, has half a minute more (RFC 6238, section 5.2)
MFA_FORMS = {"authenticate": "records.second_factor.AuthenticateForm", "reauthenticate": "records.second_factor.ReauthenticateForm"}
# So many wrong codes for one account are looked at within this time, from wherever they come: only who knows the password gets so far.
WRONG_CODES = 10
WRONG_CODES_FOR = timedelta(hours=1)
# Whoever works in the admin then sets up a second factor before anything else.
SECOND_FACTOR_REQUIRED = env.flag("SECOND_FACTOR_REQUIRED")

AXES_FAILURE_LIMIT = env.number("LOGIN_FAILURES", 8)
AXES_COOLOFF_TIME = timedelta(minutes=env.number("LOGIN_PAUSE_MINUTES", 15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "records.accounts.account_tried"
AXES_CLIENT_IP_CALLABLE = "records.accounts.client_network"
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

SESSION_COOKIE_AGE = env.number("SESSION_HOURS", 12) * 3600
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# ---- What leaves the house

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# After collectstatic, in production, under hashed names; before it, straight from the apps' own folders.
STATIC_IS_COLLECTED = not DEMO and (STATIC_ROOT / "staticfiles.json").is_file()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(VAR_DIR / "files")}},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_IS_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not STATIC_IS_COLLECTED
WHITENOISE_AUTOREFRESH = False

_MAIL = env.mail("EMAIL_URL")
_PRINTS_MAIL = DEMO and not _MAIL and not env.text("EMAIL_HOST", "")
EMAIL_BACKEND = "config.mails.EmailBackend" if _PRINTS_MAIL else "records.smtp.EmailBackend"
EMAIL_HOST = _MAIL.get("EMAIL_HOST") or env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = _MAIL.get("EMAIL_PORT") or env.number("EMAIL_PORT", 25, most=65535)
EMAIL_HOST_USER = _MAIL.get("EMAIL_HOST_USER") or env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _MAIL.get("EMAIL_HOST_PASSWORD") or env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _MAIL.get("EMAIL_USE_TLS", env.flag("EMAIL_USE_TLS"))
EMAIL_USE_SSL = _MAIL.get("EMAIL_USE_SSL", env.flag("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", f"{SITE_NAME} <noreply@{urlsplit(SITE_URL).hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# What follows the @ of every Message-ID.
MAIL_DOMAIN = str(urlsplit(SITE_URL).hostname)
# How many mails one run of the sender hands over; the next run, a minute later, goes on.
MAILS_PER_RUN = env.number("MAILS_PER_RUN", 200)

# Which sites this installation may ask; none, and nothing is asked of anybody.
OUTGOING_HOSTS = env.origins("OUTGOING_HOSTS")
# Where Crossref and PubMed are, and who says to them that it is us asking.
CROSSREF_URL = env.text("CROSSREF_URL", "https://api.crossref.org")
PUBMED_URL = env.text("PUBMED_URL", "https://eutils.ncbi.nlm.nih.gov/entrez/eutils")
LOOK_UP_EMAIL = env.text("LOOK_UP_EMAIL", CONTACT_EMAIL)
# After how many days a work that a public article cites is asked about again, and how many are asked about in one run.
LOOK_UP_DAYS = env.number("LOOK_UP_DAYS", 3, most=7)
LOOK_UPS_PER_RUN = env.number("LOOK_UPS_PER_RUN", 60)

# The cache in front that is told what to drop, where there is one that answers without asking; OUTGOING_HOSTS must name it.
CACHE_PURGE_URL = env.site("CACHE_PURGE_URL", "") if env.text("CACHE_PURGE_URL", "") else ""

# Where the daily sweep takes the list of retractions from: a file, or an address that OUTGOING_HOSTS lets it ask. Off without one.
RETRACTIONS_FROM = env.text("RETRACTIONS_FROM", "").strip()
# Whether that list is complete, so that what is missing from it is no longer listed.
RETRACTIONS_COMPLETE = env.flag("RETRACTIONS_COMPLETE", True)

# How often the quickest sweeps run; those of the calendar run five times more seldom.
SWEEP_SECONDS = max(1, env.number("SWEEP_SECONDS", 60, most=120))
# How many items of a kind one run of a sweep deals with; the next run goes on.
SWEEP_LIMIT = env.number("SWEEP_LIMIT", 500)
# More reminders for one day than this, and more than this share of the public pages in per cent, hold the calendar until a person has looked.
MASS_DUE = env.number("MASS_DUE", 1000)
MASS_SHARE = env.number("MASS_SHARE", 10, most=100)

# ---- Readers' questions and reports

# How often the forms are used within an hour: from one address, and by everybody together.
READER_POSTS = env.number("READER_POSTS", 6)
READER_POSTS_ALL = env.number("READER_POSTS_ALL", 120)
# After how many days words and address of what is dealt with are erased, and an address that nobody confirmed.
READER_QUESTION_DAYS = env.number("READER_QUESTION_DAYS", 30)
READER_CONFIRM_DAYS = env.number("READER_CONFIRM_DAYS", 3)

# ---- The queue's alarm clock: the database is the queue, Celery and Redis only wake the senders

REDIS_URL = env.redis("REDIS_URL")
# A committed message wakes a worker at once; without a broker the timer's next sweep sends it.
WAKE_SENDERS = bool(REDIS_URL)
CELERY_BROKER_URL = env.broker(REDIS_URL)
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 600, "socket_timeout": 5, "socket_connect_timeout": 1, "retry_on_timeout": True} if REDIS_URL else {}
)
CELERY_TASK_PUBLISH_RETRY = False
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = CELERY_EVENT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_TIMEZONE = TIME_ZONE
CELERY_ENABLE_UTC = True

# Who shows it may read /metrics; without it there is no such address.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")

# How many requests to the API one address may make within a minute, counted by each web process; 0: as many as it likes.
API_PER_MINUTE = env.number("API_PER_MINUTE", 0)

# ---- The report of quick signatures

# How fast people read (Brysbaert 2019: 238 words a minute), and below which share of that time a signature came quickly.
READING_WORDS_A_MINUTE = env.number("READING_WORDS_A_MINUTE", 240)
QUICK_PERCENT = env.number("QUICK_PERCENT", 50)

# ---- What is written down about running: one line each, ids only

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.logs.OneLine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.one_of("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Refusals and unknown addresses are everyday; only what broke is written down.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "axes": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
    },
}
