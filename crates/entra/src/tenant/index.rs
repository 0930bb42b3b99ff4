//! Who is who: users and groups by name, and which targeted groups each user is in.

use std::collections::{HashMap, HashSet};

use crate::graph::{Fido2AuthenticationMethodConfiguration, Group, TargetType, User};
use crate::switches::{self, Switches};

/// Look-up tables over a tenant's directory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    users: HashMap<String, usize>,
    groups: HashMap<String, usize>,
    /// The ids of the groups that targets name, in lower case.
    targeted: Vec<String>,
    /// For each targeted group: the ids of all groups whose members it reaches, in lower case.
    reached: Vec<HashSet<String>>,
    /// For each user: the targeted groups that reach them, in order.
    memberships: Vec<Vec<usize>>,
}

/// A group that a persona names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ResolvedGroup {
    /// The id, in lower case.
    Id(String),
    /// Several groups have this name; these are their ids.
    Ambiguous(Vec<String>),
    /// No group and no target has this name or id.
    Unknown,
}

impl Index {
    pub(super) fn new(
        fido2: &Fido2AuthenticationMethodConfiguration,
        groups: &[Group],
        users: &[User],
        switches: Switches,
    ) -> Self {
        let mut index = Self {
            users: user_names(users),
            groups: group_ids(groups),
            targeted: targeted_groups(fido2),
            reached: Vec::new(),
            memberships: vec![Vec::new(); users.len()],
        };
        let nested = !switches.other(&switches::NESTED_GROUPS);
        for target in 0..index.targeted.len() {
            index.reach(target, groups, nested);
        }
        index
    }

    /// Walks the members of one targeted group, and of the groups inside it. Circles end the walk.
    fn reach(&mut self, target: usize, groups: &[Group], nested: bool) {
        let start = self.targeted.get(target).cloned().unwrap_or_default();
        let mut reached = HashSet::from([start.clone()]);
        let mut open = vec![start];
        while let Some(id) = open.pop() {
            let Some(group) = self.groups.get(&id).and_then(|index| groups.get(*index)) else { continue };
            for member in group.members.iter().flatten() {
                let name = member.name().to_lowercase();
                if let Some(targets) = self.users.get(&name).and_then(|user| self.memberships.get_mut(*user)) {
                    if targets.last() != Some(&target) {
                        targets.push(target);
                    }
                } else if nested && self.groups.contains_key(&name) && reached.insert(name.clone()) {
                    open.push(name);
                }
            }
        }
        self.reached.push(reached);
    }

    /// Takes over a user who comes after all others.
    pub(super) fn add_user(&mut self, user: &User, groups: &[Group]) {
        let names = names(user);
        let names_them = |id: &String| {
            let members = self.groups.get(id).and_then(|group| groups.get(*group)?.members.as_ref());
            members.into_iter().flatten().any(|member| names.contains(&member.name().to_lowercase()))
        };
        let targets = self.reached.iter().enumerate().filter(|(_, reached)| reached.iter().any(names_them));
        let targets = targets.map(|(target, _)| target).collect();
        let place = self.memberships.len();
        self.memberships.push(targets);
        self.users.extend(names.into_iter().map(|name| (name, place)));
    }

    /// The user with this object id or user principal name.
    pub(crate) fn user(&self, name: &str) -> Option<usize> {
        self.users.get(&name.to_lowercase()).copied()
    }

    /// The group with this id, as an index into the tenant's groups.
    pub(crate) fn group(&self, id: &str) -> Option<usize> {
        self.groups.get(&id.to_lowercase()).copied()
    }

    /// The place of a targeted group among them.
    pub(crate) fn targeted(&self, id: &str) -> Option<usize> {
        let id = id.to_lowercase();
        self.targeted.iter().position(|other| *other == id)
    }

    /// The targeted groups that reach a user, as indices.
    pub(crate) fn memberships(&self, user: usize) -> &[usize] {
        self.memberships.get(user).map_or(&[], Vec::as_slice)
    }

    /// The targeted groups that reach the members of a group, as indices.
    pub(crate) fn targets_of_group(&self, id: &str) -> impl Iterator<Item = usize> {
        let reaches = move |(_, reached): &(usize, &HashSet<String>)| reached.contains(id);
        self.reached.iter().enumerate().filter(reaches).map(|(target, _)| target)
    }

    /// The group that a persona calls by id or display name.
    pub(crate) fn resolve(&self, name: &str, groups: &[Group]) -> ResolvedGroup {
        let lower = name.to_lowercase();
        if self.groups.contains_key(&lower) || self.targeted.contains(&lower) {
            return ResolvedGroup::Id(lower);
        }
        let named = groups.iter().filter(|group| group.label().to_lowercase() == lower);
        let mut ids: Vec<_> = named.filter_map(|group| group.id.as_ref()).map(|id| id.to_lowercase()).collect();
        match (ids.len(), ids.pop()) {
            (1, Some(id)) => ResolvedGroup::Id(id),
            (_, Some(last)) => ResolvedGroup::Ambiguous(ids.into_iter().chain([last]).collect()),
            (_, None) => ResolvedGroup::Unknown,
        }
    }
}

fn user_names(users: &[User]) -> HashMap<String, usize> {
    let each = |(index, user)| names(user).into_iter().map(move |name| (name, index));
    users.iter().enumerate().flat_map(each).collect()
}

fn names(user: &User) -> Vec<String> {
    user.id.iter().chain(&user.user_principal_name).map(|name| name.to_lowercase()).collect()
}

fn group_ids(groups: &[Group]) -> HashMap<String, usize> {
    let id = |(index, group): (usize, &Group)| Some((group.id.as_ref()?.to_lowercase(), index));
    groups.iter().enumerate().filter_map(id).collect()
}

fn targeted_groups(fido2: &Fido2AuthenticationMethodConfiguration) -> Vec<String> {
    let includes = fido2.includes().iter().map(|target| (&target.id, &target.target_type));
    let excludes = fido2.excludes().iter().map(|target| (&target.id, &target.target_type));
    let mut ids = Vec::new();
    for (id, target_type) in includes.chain(excludes) {
        let Some(id) = id.as_ref().map(|id| id.to_lowercase()) else { continue };
        let group = !matches!(target_type, Some(TargetType::User)) && id != crate::policy::ALL_USERS;
        if group && !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}
