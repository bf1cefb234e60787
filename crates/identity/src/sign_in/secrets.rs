//! How codes are made, what is stored of them, and how they are compared.

use kernel::SignInId;
use platform::random::Random;
use platform::vault::Vault;

use super::model::{CODES, Code, SignIn};

impl Code {
    /// A new code, each of the million as likely as any other.
    pub fn new(random: &Random) -> Self {
        Self::numbered(random.below(CODES))
    }

    /// What is stored of it. A plain hash of a million possible codes would be no secret, so it is keyed, and good for one attempt only.
    pub fn mac(&self, vault: &Vault, attempt: SignInId) -> Vec<u8> {
        let mut bytes = attempt.uuid().as_bytes().to_vec();
        bytes.extend(self.as_str().as_bytes());
        vault.mac("sign-in-code", &bytes)
    }
}

impl SignIn {
    /// Whether these are the digits of the mail, compared in constant time.
    pub fn is_code(&self, vault: &Vault, code: &Code) -> bool {
        subtle::ConstantTimeEq::ct_eq(code.mac(vault, self.id).as_slice(), self.code_hash.as_slice()).into()
    }
}

#[cfg(test)]
mod tests {
    use kernel::Email;

    use super::super::model::ReturnTo;
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn a_code_is_right_for_one_attempt_and_one_vault() {
        let random = Random::seeded(2);
        let vault = Vault::new([1; 32]);
        let code = Code::parse("042 913").unwrap();
        let id = SignInId::from(uuid::Uuid::from_u128(1));
        let one = SignIn {
            id,
            email: Email::parse("ada@example.org").unwrap(),
            code_hash: code.mac(&vault, id),
            browser_hash: Secret::new(&random).hash(),
            return_to: ReturnTo::default(),
            attempts: 0,
            expires_at: "2027-01-01T00:10:00Z".parse().unwrap(),
            is_used: false,
        };
        assert!(one.is_code(&vault, &Code::parse("042913").unwrap()));
        assert!(!one.is_code(&vault, &Code::parse("042914").unwrap()));
        assert!(!one.is_code(&Vault::new([2; 32]), &code));
        let other = SignIn { id: SignInId::from(uuid::Uuid::from_u128(2)), ..one };
        assert!(!other.is_code(&vault, &code));
    }

    #[test]
    fn a_new_code_is_six_digits() {
        assert!((0..200).all(|seed| Code::parse(Code::new(&Random::seeded(seed)).as_str()).is_ok()));
    }
}
