//! Which limit a request draws from.

use http::Method;

/// The classes of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Files, health, and providers who prove who they are by a signature and would only try again: never refused.
    Unlimited,
    /// Everything that is not named below.
    General,
    /// Asking for a code to sign in with; how often a code may be tried is a rule of signing in itself.
    SignIn,
    /// Putting places aside.
    Holds,
}

/// Routes that change something scarce, as routes are written; `{}` stands for any parameter.
const SPECIAL: &[(&str, Class)] = &[
    ("/api/v1/auth/sign-ins", Class::SignIn),
    ("/login", Class::SignIn),
    ("/api/v1/events/{}/holds", Class::Holds),
    ("/api/v1/events/{}/orders", Class::Holds),
    ("/e/{}/cart", Class::Holds),
    ("/api/v1/events/{}/waiting-room/place", Class::Holds),
    ("/e/{}/queue", Class::Holds),
];

impl Class {
    pub(super) fn of(method: &Method, route: &str) -> Self {
        if ["/assets/", "/livez", "/readyz", "/metrics", "/favicon", "/webhooks/", "/pay/test/api/"]
            .iter()
            .any(|prefix| route.starts_with(prefix))
        {
            return Self::Unlimited;
        }
        let special = SPECIAL.iter().find(|(pattern, _)| is_same_shape(pattern, route));
        special.filter(|_| *method == Method::POST).map_or(Self::General, |(_, class)| *class)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unlimited => "unlimited",
            Self::General => "api",
            Self::SignIn => "sign-in",
            Self::Holds => "holds",
        }
    }
}

fn is_same_shape(pattern: &str, route: &str) -> bool {
    pattern.split('/').count() == route.split('/').count()
        && pattern
            .split('/')
            .zip(route.split('/'))
            .all(|(wanted, part)| wanted == part || (wanted == "{}" && part.starts_with('{')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_have_their_class() {
        assert_eq!(Class::of(&Method::POST, "/api/v1/events/{slug}/holds"), Class::Holds);
        assert_eq!(Class::of(&Method::GET, "/api/v1/events/{slug}/holds"), Class::General);
        assert_eq!(Class::of(&Method::POST, "/api/v1/auth/sign-ins"), Class::SignIn);
        assert_eq!(Class::of(&Method::GET, "/assets/{*path}"), Class::Unlimited);
        assert_eq!(Class::of(&Method::POST, "/webhooks/{provider}"), Class::Unlimited);
    }
}
