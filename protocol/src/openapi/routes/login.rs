//! Agents' own doors.

use crate::{
    ErrorCode::{BadLogin, Conflict, Draining, LinkExpired, OriginRefused, RateLimited, TotpRequired},
    LoginId,
    openapi::{
        document::Tag,
        operation::{Who, delete, get, post},
    },
    rest::{
        AcceptWelcome, AgentLogin, AgentMe, ChangePassword, ConfirmPassword, ConfirmTotp, Login, NewTotp,
        RecoveryCodes, Welcome, WelcomeToken,
    },
};

pub(in crate::openapi) fn tag() -> Tag {
    Tag {
        name: "Login",
        about: "How members of the team sign in and out, and what they do with their own password, second factor and \
                logins. With a one-time password nothing but this works.",
        operations: vec![
            post("/auth/login", "login", "Sign in")
                .note("With a second factor and no `totp`: 401 `totp_required`; send it again with the code.")
                .takes::<Login>()
                .answers::<AgentMe>()
                .sets_cookie()
                .refuses(&[OriginRefused, BadLogin, TotpRequired, RateLimited, Draining]),
            post("/auth/logout", "logout", "Sign out").by(Who::Oneself).done().sets_cookie(),
            get("/auth/me", "getOneself", "Read who is signed in").by(Who::Oneself).answers::<AgentMe>(),
            post("/auth/password", "changePassword", "Change one's password")
                .by(Who::Oneself)
                .note("Ends all other logins.")
                .takes::<ChangePassword>()
                .done()
                .refuses(&[RateLimited, Draining]),
            post("/auth/welcome", "readLink", "Read what a link is for")
                .note("The token stands after the `#` of an invitation, or of a link to choose another password.")
                .takes::<WelcomeToken>()
                .answers::<Welcome>()
                .refuses(&[OriginRefused, LinkExpired, RateLimited]),
            post("/auth/welcome/accept", "acceptLink", "Choose a password by a link, and sign in")
                .note("The link works once. All other logins end.")
                .takes::<AcceptWelcome>()
                .answers::<AgentMe>()
                .sets_cookie()
                .refuses(&[OriginRefused, BadLogin, TotpRequired, LinkExpired, RateLimited, Draining]),
            post("/auth/totp", "beginSecondFactor", "Begin a second factor")
                .by(Who::Oneself)
                .note("It counts once a code of it was given.")
                .takes::<ConfirmPassword>()
                .answers::<NewTotp>()
                .refuses(&[Conflict, RateLimited, Draining]),
            post("/auth/totp/confirm", "confirmSecondFactor", "Give the first code of a second factor")
                .by(Who::Oneself)
                .takes::<ConfirmTotp>()
                .answers::<RecoveryCodes>()
                .refuses(&[RateLimited, Draining]),
            delete("/auth/totp", "removeSecondFactor", "Take one's second factor away")
                .by(Who::Oneself)
                .takes::<ConfirmPassword>()
                .done()
                .refuses(&[RateLimited, Draining]),
            get("/auth/logins", "listLogins", "List one's logins")
                .by(Who::Oneself)
                .note("The last used first.")
                .lists::<AgentLogin>(),
            delete("/auth/logins", "endOtherLogins", "End all of one's logins but this one").by(Who::Oneself).done(),
            delete("/auth/logins/{login}", "endLogin", "End one of one's logins")
                .by(Who::Oneself)
                .path::<LoginId>("login", "The login.")
                .done(),
        ],
    }
}
