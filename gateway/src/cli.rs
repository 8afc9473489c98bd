//! The command line beyond serving: migrations, and the team's members.

use std::io::{BufRead as _, stdin};

use anyhow::{Context as _, bail};
use hub::Clock;
use persistence::{Agent, Store};
use protocol::{Email, Epoch, rest::LinkKind};

use crate::{
    api::{agents, links},
    auth::password,
    bootstrap::new_agent,
    config::{AgentCommand, StoreArgs},
};

/// Opens the store and brings it to this program's version.
///
/// # Errors
/// A bad address, a store that does not answer, or one of a newer version.
pub(crate) async fn open(args: &StoreArgs, clock: &Clock) -> anyhow::Result<Store> {
    let store = Store::connect(&args.url()).await.context("opening the store")?;
    store.migrate(Epoch::new(clock.mint())).await.context("bringing the store to this version")?;
    Ok(store)
}

/// `hubbub migrate`.
///
/// # Errors
/// As [`open`].
pub async fn migrate(args: &StoreArgs) -> anyhow::Result<()> {
    open(args, &Clock::system()).await?;
    println!("The store is at this program's version.");
    Ok(())
}

/// `hubbub agent …`.
///
/// # Errors
/// What is wrong with the words given, or with the store.
pub async fn agent(command: AgentCommand) -> anyhow::Result<()> {
    let clock = Clock::system();
    match command {
        AgentCommand::Add { store, email, name, role, password_stdin, public_url } => {
            let given = password_stdin.then(read_password).transpose()?;
            let store = open(&store, &clock).await?;
            let now = clock.now();
            if let Some(given) = given {
                let agent = new_agent(&clock, &email, name.as_str(), role, &given, false, now)?;
                store.create_agent(&agent).await.with_context(|| format!("adding {email}"))?;
                println!("{name} can sign in now as {email}.");
            } else {
                let new = agents::newcomer(&clock, &email, &name, role, now);
                let (token, link) = links::mint(LinkKind::Invitation, now);
                store.create_member(&new, &link).await.with_context(|| format!("adding {email}"))?;
                println!(
                    "{name} is invited as {email}. Send them this link; it works once, for seven days:\n"
                );
                println!("  {}\n", links::url(public_url.as_str(), &token));
            }
        }
        AgentCommand::List { store } => {
            let agents = open(&store, &clock).await?.agents().await?;
            println!("{:<36}  {:<10}  {:<8}  E-MAIL", "NAME", "ROLE", "STATE");
            for agent in agents {
                let state = match (agent.disabled, agent.is_invited() || agent.must_change_password) {
                    (true, _) => "disabled",
                    (false, true) => "invited",
                    (false, false) => "active",
                };
                println!("{:<36}  {:<10}  {state:<8}  {}", agent.name, agent.role.as_str(), agent.email);
            }
        }
        AgentCommand::Disable { store, email, undo } => {
            let store = open(&store, &clock).await?;
            let agent = find(&store, &email).await?;
            store.set_agent_disabled(agent.id, !undo).await?;
            let state = if undo { "can sign in again" } else { "is shut out, on every device" };
            println!("{} {state}.", agent.name);
        }
        AgentCommand::Password { store, email, password_stdin, remove_totp } => {
            let (given, one_time) = choose_password(password_stdin)?;
            let store = open(&store, &clock).await?;
            let agent = find(&store, &email).await?;
            let hash = password::hash(&given)?;
            store.set_agent_password(agent.id, &hash, one_time, None).await?;
            println!("{} has a new password; all logins are ended.", agent.name);
            if remove_totp && store.remove_totp(agent.id).await? {
                println!("The second factor is taken away.");
            }
            if one_time {
                println!("\n  Password  {given}   (for the first login only)\n");
            }
        }
    }
    Ok(())
}

async fn find(store: &Store, email: &Email) -> anyhow::Result<Agent> {
    store.agent_by_email(email.as_str()).await?.with_context(|| format!("there is no agent {email}"))
}

/// The password, and whether it is for one use only.
fn choose_password(from_stdin: bool) -> anyhow::Result<(String, bool)> {
    if from_stdin { Ok((read_password()?, false)) } else { Ok((password::one_time(), true)) }
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    stdin().lock().read_line(&mut line).context("reading the password from standard input")?;
    let given = line.trim_end_matches(['\r', '\n']).to_owned();
    if given.is_empty() {
        bail!("no password came on standard input");
    }
    password::check("the password", &given)?;
    Ok(given)
}
