//! Closed lists of words: an enum whose members are kept in the database and in JSON as snake-case words.

/// Writes an enum together with `ALL`, `as_str`, `FromStr` and `Display`, from one list of its words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$member_doc])* $member,)* }

        impl $name {
            /// Every member, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$member,)*];

            /// The word kept in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$member => $word,)* }
            }
        }
        impl std::str::FromStr for $name {
            type Err = kernel::right::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|member| member.as_str() == text).ok_or(kernel::right::UnknownWord)
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use words;
